"""Making an org ready where something stands in the way: fields that differ, permissions that lack."""

from typing import Any

import pytest

from app.salesforce.checkup import checkup
from app.salesforce.setup.item import State
from tests.builders.salesforce import ACME
from tests.builders.salesforce_org import joined_org
from tests.builders.setting_up import NAMES, applied, named, planned

KEY = {"label": "Key", "type": "string", "access": "optional", "external_id": True, "id_lookup": True}


@pytest.mark.parametrize(
    ("field", "line", "says", "mend"),
    [
        (
            "FreshBooks_Client_Id__c",
            KEY | {"length": 64, "unique": False},
            "is not unique",
            "tick Unique",
        ),
        (
            "FreshBooks_Client_Id__c",
            KEY | {"length": 64, "unique": True, "case_sensitive": False},
            "a:1 and A:1",
            "case sensitive",
        ),
        (
            "FreshBooks_Client_Id__c",
            KEY | {"length": 20, "unique": True, "case_sensitive": True},
            "holds 20 characters, not 64",
            "change its length to 64",
        ),
        (
            "FreshBooks_Client_Id__c",
            {"label": "Key", "type": "double", "precision": 18, "access": "optional", "external_id": True},
            "is of type Number, not Text",
            "rename the field",
        ),
    ],
)
async def test_a_field_that_differs_is_told_with_its_mend_and_left_alone(
    field: str, line: dict[str, Any], says: str, mend: str
) -> None:
    async with joined_org("plain") as here:
        here.org.control.profile(added={"Account": {"fields": {field: line}}})
        before = here.org.control.profile().added

        item = named(await applied(here), f"Account.{field}")

        assert item.state is State.DIFFERS
        assert says in item.says
        assert mend in item.mend
        assert (
            here.org.control.profile().added["Account"]["fields"][field] == before["Account"]["fields"][field]
        )


async def test_a_field_that_differs_is_seen_though_it_is_hidden() -> None:
    async with joined_org("prepared") as here:
        name = "Account.FreshBooks_Client_Id__c"
        here.org.control.profile(unique={name: False}, hidden=[name])

        item = named(await planned(here), name)

        assert item.state is State.DIFFERS
        assert "is not unique" in item.says


async def test_a_hidden_field_is_opened_and_not_made_again() -> None:
    async with joined_org("prepared") as here:
        here.org.control.profile(hidden=["Account.FreshBooks_Email__c", "Account.BillingCity"])
        before = await planned(here)

        items = await applied(here)

        assert named(before, "Account.FreshBooks_Email__c").state is State.THERE
        assert named(before, "access to Account").says == "to open: BillingAddress, FreshBooks_Email__c"
        assert named(items, "access to Account").state is State.ADDED
        assert all(item.well for item in items)


@pytest.mark.parametrize(
    ("right", "what", "mend"),
    [
        ("CustomizeApplication", "Account.FreshBooks_Email__c", "«Customize Application»"),
        (
            "ManageProfilesPermissionsets",
            "permission set FreshBooks Connector",
            "«Manage Profiles and Permission Sets»",
        ),
        (
            "AssignPermissionSets",
            "permission set FreshBooks Connector of freshforce@acme.example",
            "Manage Assignments: add freshforce@acme.example",
        ),
    ],
)
async def test_what_the_user_may_not_do_is_told_before_and_after_trying(
    right: str, what: str, mend: str
) -> None:
    async with joined_org("bare") as here:
        here.org.control.profile(lacks=[right])

        before, after = named(await planned(here), what), named(await applied(here), what)

        assert (before.state, after.state) == (State.BARRED, State.REFUSED)
        assert mend in before.mend
        assert mend in after.mend
        assert "INSUFFICIENT_ACCESS" in after.says or "CANNOT_INSERT" in after.says


async def test_a_permission_set_that_somebody_narrowed_is_widened_again() -> None:
    async with joined_org("bare") as here:
        await applied(here)
        for sobject, right in (
            ("ObjectPermissions", "PermissionsEdit"),
            ("FieldPermissions", "PermissionsEdit"),
        ):
            for row in here.org.control.people.rows(sobject):
                body = {right: False}
                path = f"/sobjects/{sobject}/{row['Id']}"
                await here.lanes.client(ACME).ask("setup", "PATCH", path, body)
        before = await planned(here)

        items = await applied(here)

        assert named(before, "access to Contact").state is State.MISSING
        assert all(item.well for item in items)


async def test_a_field_that_stays_closed_though_it_is_granted_is_for_an_admin() -> None:
    async with joined_org("bare") as here:
        await applied(here)
        here.org.control.profile(cannot_edit=["Contact"])

        item = named(await planned(here), "access to Contact")

        assert item.state is State.DIFFERS
        assert "granted, yet not writable: Create and Edit" in item.says


async def test_what_needs_a_permission_that_is_lacking_is_asked_once_not_fifteen_times() -> None:
    async with joined_org("plain") as here:
        here.org.control.profile(lacks=["CustomizeApplication"])

        items = await applied(here)

        assert {named(items, name).state for name in NAMES} == {State.REFUSED}
        assert here.org.control.counters()["calls"]["POST tooling/sobjects/CustomField"] == 1


async def test_a_user_who_may_not_look_is_told_so() -> None:
    async with joined_org("plain") as here:
        here.org.control.profile(lacks=["ViewSetup"])

        items = await planned(here)

        field = named(items, "Account.FreshBooks_Email__c")
        ours = named(items, "permission set FreshBooks Connector")
        assert "hidden" in field.says
        assert ours.state is State.UNKNOWN
        assert "«View Setup and Configuration»" in ours.mend


async def test_a_field_that_is_there_but_may_not_be_looked_at_is_told_so() -> None:
    async with joined_org("prepared") as here:
        here.org.control.profile(hidden=["Account.FreshBooks_Email__c"], lacks=["ViewSetup"])

        item = named(await applied(here), "Account.FreshBooks_Email__c")

        assert item.state is State.UNKNOWN
        assert item.says == "is there, but hidden from the run-as user"
        assert "«View Setup and Configuration»" in item.mend


async def test_without_the_users_id_in_the_log_in_userinfo_tells_it() -> None:
    async with joined_org("bare") as here:
        client = here.lanes.client(ACME)
        session = await client.door.session()
        object.__setattr__(session, "user", "")

        assert await client.user() == here.org.org.users.integration


async def test_ping_names_the_set_up_until_it_is_done() -> None:
    async with joined_org("bare") as here:
        client = here.lanes.client(ACME)
        before = [each async for each in checkup(client)]

        await applied(here)

        after = [each async for each in checkup(here.lanes.client(ACME))]
        red = [each for each in before if not each.well]
        assert [each.what for each in red] == [
            f"Salesforce {name}" for name in ("Account", "Contact", "Opportunity")
        ]
        assert {each.mend for each in red} == {"freshforce setup salesforce acme"}
        assert [each.says for each in after if not each.well] == []


async def test_ping_tells_a_key_that_is_not_unique() -> None:
    async with joined_org("prepared") as here:
        here.org.control.profile(unique={"Account.FreshBooks_Client_Id__c": False})

        found = {each.what: each async for each in checkup(here.lanes.client(ACME))}

        assert not found["Salesforce Account"].well
        assert "is not unique" in found["Salesforce Account"].says
        assert "freshforce setup salesforce acme" in found["Salesforce Account"].mend


async def test_ping_tells_which_stages_are_not_the_orgs() -> None:
    async with joined_org("prepared") as here:
        here.org.control.profile(stages=[{"name": "Open", "probability": 1}, *_CLOSED])

        found = {each.what: each async for each in checkup(here.lanes.client(ACME))}

        assert not found["Salesforce stages"].well
        assert "'Bezahlt', since 'Closed Won' is no won stage" in found["Salesforce stages"].says


_CLOSED = (
    {"name": "Bezahlt", "probability": 100, "closed": True, "won": True},
    {"name": "Storno", "probability": 0, "closed": True},
)
