"""A person says which Account a client is, and takes it back: against a Salesforce that speaks real HTTP."""

import asyncio

import pytest

from app.match.decide import carry_out, plan_accept, plan_reject, plan_undo, surely
from app.match.desk import CannotMatch
from app.match.plan import Plan
from app.match.shown import plain_plan, plan_lines
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Unreachable
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import MatchState
from tests.builders.match_desk import Office, an_office
from tests.builders.matching import a_client
from tests.builders.salesforce import a_contact, an_opportunity

SEVEN = ClientId(7)


async def a_linked_client(it: Office) -> str:
    """Let client 7 be linked to an Account from before, with a Contact and an Opportunity of ours."""
    old = it.matched.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
    await it.matched.matching.introduce(a_client())
    for row in (a_contact(7, 7), an_opportunity(31, 7)):
        await it.matched.matching.write(row)
    it.matched.plant(
        "Opportunity", Name="Theirs", StageName="Prospecting", CloseDate="2026-12-01", AccountId=old
    )
    return old


async def test_a_plan_writes_nothing() -> None:
    async with an_office() as it:
        old = it.matched.plant(Name="Acme")

        plan = await plan_accept(it.desk, SEVEN, SalesforceId(old))

        assert (plan.account, plan.moves, plan.done) == (old, None, False)
        assert it.matched.accounts == {old: ""}
        assert (it.written, it.matched.book.written) == ([], [])


async def test_a_plan_names_the_fields_of_the_account_that_get_freshbooks_values() -> None:
    async with an_office() as it:
        old = SalesforceId(it.matched.plant(Name="Acme"))

        plan = await plan_accept(it.desk, SEVEN, old)

        assert overwriting_of(plan).startswith(
            "  FreshBooks' values replace what is in the Account's Name, Phone,"
        )
        assert "FreshBooks_" not in overwriting_of(plan)
        assert plain_plan(plan)["overwrites"][:2] == ["Name", "Phone"]
        await carry_out(it.desk, plan, "")
        assert overwriting_of(await plan_accept(it.desk, SEVEN, old)) == "", "it has them already"


def overwriting_of(plan: Plan) -> str:
    """Return what a plan says of the fields that it overwrites."""
    return "\n".join(line for line in plan_lines(plan) if "FreshBooks' values" in line)


async def test_an_accepted_account_carries_the_clients_number_and_what_waits_is_told_to_go() -> None:
    async with an_office() as it:
        old = it.matched.plant(Name="Acme")
        await it.matched.matching.introduce(a_client())

        await carry_out(it.desk, await plan_accept(it.desk, SEVEN, SalesforceId(old)), "the one in Toronto")

        assert it.matched.accounts == {old: "ACC1:7"}
        match = it.matched.standing(7)
        assert match is not None
        assert (match.state, match.account, match.actor) == (MatchState.LINKED, old, "ann")
        assert match.reason == "the one in Toronto"
        (event,) = it.events
        assert (event.object_id, event.whole) == (7, False)
        (entry,) = (each for each in it.written if isinstance(each, AuditEntry))
        assert (entry.verdict, entry.client, entry.rule) == (Verdict.MATCHED, 7, "the one in Toronto")
        assert entry.details["actor"] == "ann"


async def test_to_accept_twice_is_to_accept_once() -> None:
    async with an_office() as it:
        old = SalesforceId(it.matched.plant(Name="Acme"))
        await carry_out(it.desk, await plan_accept(it.desk, SEVEN, old), "")

        again = await plan_accept(it.desk, SEVEN, old)

        assert again.done
        assert await carry_out(it.desk, again, "") is None


@pytest.mark.parametrize("account", ["001000000000000AAA", "003Dn00000AbCdEIAV", "acme", "'"])
async def test_an_account_that_is_not_there_is_not_accepted(account: str) -> None:
    async with an_office() as it:
        with pytest.raises(CannotMatch, match="has no Account"):
            await plan_accept(it.desk, SEVEN, SalesforceId(account))


async def test_a_rejected_client_is_told_to_get_an_account_of_its_own() -> None:
    async with an_office() as it:
        it.matched.plant(Name="Acme")
        await it.matched.matching.introduce(a_client())

        await carry_out(it.desk, await plan_reject(it.desk, SEVEN), "")
        await it.matched.matching.introduce(a_client(version=2))

        assert sorted(it.matched.accounts.values()) == ["", "ACC1:7"]
        assert len(it.events) == 1


async def test_a_client_that_has_an_account_cannot_be_rejected() -> None:
    async with an_office() as it:
        await a_linked_client(it)

        with pytest.raises(CannotMatch, match="is Account") as refused:
            await plan_reject(it.desk, SEVEN)

        assert refused.value.mend == "freshforce match undo acme 7"


async def test_undo_shows_first_what_would_move_and_be_emptied() -> None:
    async with an_office() as it:
        old = await a_linked_client(it)

        plan = await plan_undo(it.desk, SEVEN)

        told = plain_plan(plan)
        assert (told["from"], told["to"]) == (old, None)
        assert [(each["object"], each["external_id"]) for each in told["rows"]] == [
            ("Contact", "ACC1:7"),
            ("Opportunity", "ACC1:31"),
        ]
        assert told["cleared"] == {"FreshBooks_Email__c": "ann@acme.example"}
        assert f"from {old} to a new Account" in "\n".join(plan_lines(plan))
        assert it.matched.accounts == {old: "ACC1:7"}


async def test_undo_takes_our_fields_off_and_has_every_row_sent_to_a_new_account() -> None:
    async with an_office() as it:
        old = await a_linked_client(it)

        await carry_out(it.desk, await plan_undo(it.desk, SEVEN), "two firms of one name")
        for row in (a_client(version=2), a_contact(7, 7, version=2), an_opportunity(31, 7, version=2)):
            await it.matched.matching.write(row)

        (new,) = (id_ for id_, key in it.matched.accounts.items() if key == "ACC1:7")
        assert new != old
        assert it.matched.here.row("Account", "Id", old).get("FreshBooks_Email__c") is None
        assert it.matched.here.row("Contact", "FreshBooks_Contact_Id__c", "ACC1:7")["AccountId"] == new
        assert it.matched.here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:31")["AccountId"] == new
        assert it.matched.here.row("Opportunity", "Name", "Theirs")["AccountId"] == old
        assert [bool(each.whole and each.nonce) for each in it.events] == [True]
        assert (await plan_undo(it.desk, SEVEN)).done


async def test_an_undo_that_broke_off_is_finished_by_its_repeat() -> None:
    async with an_office() as it:
        await a_linked_client(it)
        plan = await plan_undo(it.desk, SEVEN)
        rule = Rule(kind=FaultKind.RESET, method="PATCH", path="*/composite/sobjects", next=1)
        it.matched.here.org.control.faults(Faults(rules=(rule,)))
        with pytest.raises(Unreachable):
            await carry_out(it.desk, plan, "")

        again = await plan_undo(it.desk, SEVEN)
        await carry_out(it.desk, again, "")

        assert not again.done
        assert set(it.matched.accounts.values()) == {""}
        assert len(it.events) == 1


async def test_what_was_never_linked_cannot_be_undone() -> None:
    async with an_office() as it:
        await it.matched.matching.introduce(a_client())

        with pytest.raises(CannotMatch, match="was not linked"):
            await plan_undo(it.desk, SEVEN)


async def test_a_client_with_an_account_of_its_own_moves_to_the_one_it_is() -> None:
    async with an_office() as it:
        await it.matched.matching.introduce(a_client())
        await it.matched.matching.write(an_opportunity(31, 7))
        (made,) = it.matched.accounts
        real = it.matched.plant(Name="The Real Acme")

        plan = await plan_accept(it.desk, SEVEN, SalesforceId(real))
        await carry_out(it.desk, plan, "")
        await it.matched.matching.write(an_opportunity(31, 7, version=2))

        assert plan.moves is not None
        assert [each.external_id for each in plan.moves.rows] == ["ACC1:31"]
        assert it.matched.accounts == {made: "", real: "ACC1:7"}
        assert it.matched.here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:31")["AccountId"] == real
        assert it.events[0].whole


async def test_all_that_are_sure_but_wait_can_be_accepted_at_once_unless_two_want_the_same() -> None:
    async with an_office() as it:
        it.matched.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
        sure = it.matched.plant(Name="Bob Ltd", FreshBooks_Email__c="bob@bob.example")
        it.matched.plant(Name="Other", FreshBooks_Email__c="x@bob.example", Phone="416-555-0142")
        clients = a_client(7), a_client(8), a_client(9, "Bob", "bob@bob.example", "416-555-0142")
        await asyncio.gather(*map(it.matched.matching.introduce, clients))

        assert [*surely(it.desk)] == [(9, sure)]
