"""Making an org ready, against one that must be set up: plan, apply, repeat, go on after a stop."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from app.salesforce.checkup import checkup
from app.salesforce.setup.apply import apply, steps
from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.item import State
from app.salesforce.setup.look import look
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile, profile_names
from streams.domain.errors import Unreachable
from streams.ports import Applied
from tests.builders.itemised import an_item, itemising, the_lines
from tests.builders.peer import peer_of
from tests.builders.salesforce import ACME, an_account, an_opportunity
from tests.builders.salesforce_org import Joined, joined_org
from tests.builders.setting_up import NAMES, applied, named, planned, quiet, states, writes

KINDS = [name for name in profile_names() if not Profile.named(name).required]
"""Kinds of orgs but those with fields of their own that no row here has: these refuse them, ready or not."""


@pytest.mark.parametrize("profile", ["bare", "plain"])
async def test_a_plan_names_every_field_and_writes_nothing(profile: str) -> None:
    async with joined_org(profile) as here:
        items = await planned(here)

        assert states(items) == {State.MISSING}
        assert [item.what for item in items][: len(NAMES)] == NAMES
        assert writes(here) == 0


@pytest.mark.parametrize("profile", ["bare", "plain"])
async def test_after_apply_rows_go_through_and_simple_salesforce_reads_them(profile: str) -> None:
    async with joined_org(profile) as here:
        items = await applied(here)
        rows = (an_account(1, "Crème & Fils"), an_opportunity(10, 1, "199.99"))

        answers = await asyncio.gather(*(here.lanes.write(row) for row in rows))

        assert states(items) == {State.ADDED}
        assert all(isinstance(answer, Applied) for answer in answers)
        records = await asyncio.to_thread(_opportunities, here)
        assert [(each["FreshBooks_Invoice_Id__c"], each["Account"]["Name"]) for each in records] == [
            ("ACC1:10", "Crème & Fils")
        ]


def _opportunities(here: Joined) -> list[dict[str, Any]]:
    with peer_of(here.org) as peer:
        found = peer.query_all("SELECT FreshBooks_Invoice_Id__c, Account.Name FROM Opportunity")
        records: list[dict[str, Any]] = found["records"]
        return records


async def test_simple_salesforce_sees_each_field_as_declared() -> None:
    async with joined_org("bare") as here:
        await applied(here)

        told = await asyncio.to_thread(_described, here)

        for field in (each for each in DECLARED if each.full_name in NAMES):
            seen = told[field.full_name]
            assert seen["label"] == field.label
            assert seen["updateable"] is seen["createable"] is True
            assert (seen["unique"], seen["externalId"]) == (field.key, field.key)
            assert seen["length"] == (field.length or seen["length"])
            assert (seen["precision"], seen["scale"]) == (field.precision, field.scale)


def _described(here: Joined) -> dict[str, dict[str, Any]]:
    with peer_of(here.org) as peer:
        return {
            f"{name}.{field['name']}": field
            for name in ("Account", "Contact", "Opportunity", "Order")
            for field in getattr(peer, name).describe()["fields"]
        }


@pytest.mark.parametrize("profile", ["bare", "plain", "prepared"])
async def test_progress_is_told_step_by_step_up_to_the_number_announced(profile: str) -> None:
    async with joined_org(profile) as here:
        client, told = here.lanes.client(ACME), list[str]()
        found = await look(client)

        await apply(client, found, told.append)

        assert len(told) == steps(found)
        assert len(set(told)) == len(told)


async def test_a_field_that_somebody_else_adds_meanwhile_is_taken_as_it_is() -> None:
    async with joined_org("plain") as here:
        client = here.lanes.client(ACME)
        found = await look(client)
        fitting, other = (field for field in DECLARED[:2])
        await _meanwhile(here, fitting.full_name, fitting.metadata)
        await _meanwhile(here, other.full_name, {"type": "Text", "length": 5, "label": "Other"})

        items = await apply(client, found, quiet)

        assert named(items, fitting.full_name).state is State.THERE
        assert named(items, other.full_name).state is State.DIFFERS
        assert "is of type Text, not Email" in named(items, other.full_name).says


async def _meanwhile(here: Joined, full_name: str, metadata: Mapping[str, Any]) -> None:
    row = {"FullName": full_name, "Metadata": dict(metadata)}
    reply = await here.lanes.client(ACME).ask("setup", "POST", "/tooling/sobjects/CustomField", row)
    assert reply.status == 201


@pytest.mark.parametrize("name", KINDS)
async def test_every_kind_of_org_is_made_ready(name: str) -> None:
    kind = Profile.named(name).with_(prepared=False, minimum_access=True)
    async with joined_org(kind) as here:
        items = await applied(here)
        rows = (an_account(1), an_opportunity(10, 1))

        answers = await asyncio.gather(*(here.lanes.write(row) for row in rows))

        assert states(items) == {State.ADDED}
        assert all(isinstance(answer, Applied) for answer in answers)


async def test_to_apply_again_writes_nothing() -> None:
    async with joined_org("bare") as here:
        await applied(here)
        before = writes(here)

        items = await applied(here)

        assert states(items) == {State.THERE}
        assert writes(here) == before


async def test_an_org_that_was_prepared_by_hand_needs_nothing_from_us() -> None:
    async with joined_org("prepared") as here:
        items = await applied(here)

        assert states(items) == {State.THERE}
        assert writes(here) == 0


@pytest.mark.parametrize("name", KINDS)
async def test_with_lines_every_kind_of_org_is_made_ready_to_take_them(name: str) -> None:
    kind = Profile.named(name).with_(prepared=False, minimum_access=True)
    async with joined_org(kind) as here:
        items = await applied(here, lines=True)
        again = await applied(here, lines=True)
        rows = (an_account(1), an_opportunity(10, 1), the_lines(an_item(1, "40.00", "3", note="Walls")))

        answers = await asyncio.gather(*(here.lanes.write(row) for row in rows))

        assert states(items) == {State.ADDED}
        assert states(again) == {State.THERE}
        assert [type(answer) for answer in answers] == [Applied] * 3


async def test_nobody_who_did_not_ask_for_lines_gets_their_fields() -> None:
    async with joined_org("bare") as here:
        items = await applied(here)

        told = " ".join(item.what for item in items)
        assert "OpportunityLineItem" not in told
        assert "Product2" not in told
        assert "Pricebook2" not in told


async def test_a_mapping_that_asks_for_lines_has_them_set_up_without_being_told() -> None:
    async with joined_org("bare", mapping=itemising()) as here:
        items = await applied(here)
        findings = [it async for it in checkup(here.lanes.client(ACME))]

        assert named(items, "OpportunityLineItem.FreshBooks_Line_Id__c").state is State.ADDED
        assert named(items, "access to Product2").state is State.ADDED
        assert [it.well for it in findings if it.what == "Salesforce line items"] == [True]


async def test_a_stop_halfway_is_made_whole_by_the_next_run() -> None:
    async with joined_org("bare") as here:
        rule = Rule(kind=FaultKind.ANSWER, status=503, every=9, path="*/FieldPermissions")
        here.org.control.faults(Faults(rules=(rule,)))
        with pytest.raises(Unreachable):
            await applied(here)
        here.org.control.faults(Faults())

        items = await applied(here)

        assert all(item.well for item in items)


async def test_a_lost_answer_is_no_second_field() -> None:
    async with joined_org("plain") as here:
        rule = Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/CustomField")
        here.org.control.faults(Faults(rules=(rule,)))
        with pytest.raises(Unreachable):
            await applied(here)

        items = await applied(here)

        assert all(item.well for item in items)
