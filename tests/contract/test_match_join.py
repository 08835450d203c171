"""A person says that two clients share an Account, and takes it back: against a Salesforce over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.match.decide import carry_out, plan_accept, plan_reject, plan_undo
from app.match.desk import CannotMatch
from app.match.join import plan_join
from app.match.moves import of_now
from app.match.shown import plain_plan, plan_lines, table
from streams.domain.audit import AuditEntry
from streams.domain.command import BY_CLIENT, Command, Field, SObject
from streams.domain.event import EventSource
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import MatchState
from streams.domain.matches import joined, members
from streams.ports import Absent, Applied
from tests.builders.match_desk import Office, an_office
from tests.builders.matching import KEY, decided
from tests.builders.salesforce import ACME, a_command

SEVEN, EIGHT, NINE = ClientId(7), ClientId(8), ClientId(9)


@asynccontextmanager
async def two_offices() -> AsyncIterator[tuple[Office, str]]:
    """Lend a desk at an org in which client 7 has an Account."""
    async with an_office() as it:
        yield it, it.matched.plant(Name="Acme", **{KEY: "ACC1:7"})


async def test_a_joined_client_is_written_down_and_told_without_touching_the_org() -> None:
    async with two_offices() as (it, account):
        own = it.matched.plant(Name="Acme Montréal", **{KEY: "ACC1:9"})

        plan = await plan_join(it.desk, NINE, SEVEN)
        await carry_out(it.desk, plan, "their Montréal office")

        match = it.matched.standing(9)
        assert match is not None
        assert (match.state, match.account, match.to, match.actor) == (MatchState.JOINED, account, 7, "ann")
        assert it.matched.accounts == {account: "ACC1:7", own: "ACC1:9"}
        (event,) = it.events
        assert (event.source, event.object_id, event.nonce) == (EventSource.MATCH, 9, "")
        (entry,) = (each for each in it.written if isinstance(each, AuditEntry))
        assert (entry.rule, entry.details["to"]) == ("their Montréal office", 7)
        assert members(it.matched.book.matches, ACME, SEVEN) == [9]


async def test_a_joined_client_shares_whatever_account_the_other_has_by_now() -> None:
    async with two_offices() as (it, account):
        match = await carry_out(it.desk, await plan_join(it.desk, NINE, SEVEN), "")
        it.matched.here.org.control.people.edit("Account", account, {KEY: None})
        newer = it.matched.plant(Name="Acme", **{KEY: "ACC1:7"})

        assert match is not None
        assert (await of_now(it.desk, match)).account == newer


def test_a_list_without_a_call_names_the_client_whose_account_is_shared_and_no_account_of_then() -> None:
    joined_one = decided(9, MatchState.JOINED, "001000000000001AAA").model_copy(update={"to": SEVEN})

    shown = table([joined_one])

    assert [*shown.columns[2].cells] == ["that of client 7"]


async def test_a_plan_to_join_says_what_becomes_of_the_account_that_the_client_had() -> None:
    async with two_offices() as (it, account):
        own = it.matched.plant(Name="Acme Montréal", **{KEY: "ACC1:9"})

        plan = await plan_join(it.desk, NINE, SEVEN)

        assert f"client 9: joined to client 7 on {account}" in "\n".join(plan_lines(plan))
        assert f"{own} keeps its number and shows no more money" in "\n".join(plan_lines(plan))
        assert (plain_plan(plan)["joins"], it.written) == (7, [])


def found_only(external_id: str, **fields: None) -> Command:
    """Return the command for an Account that is not client 9's to make."""
    row = a_command(external_id=external_id, client=9, fields={**fields})
    return row.model_copy(update={"external_id_field": BY_CLIENT})


async def test_who_accepts_an_account_that_another_client_holds_joins_the_two() -> None:
    async with two_offices() as (it, account):
        plan = await plan_accept(it.desk, NINE, SalesforceId(account))

        assert (plan.state, plan.to) == (MatchState.JOINED, 7)


async def test_who_joins_a_joined_client_means_the_account_that_both_then_share() -> None:
    async with two_offices() as (it, _):
        await carry_out(it.desk, await plan_join(it.desk, EIGHT, SEVEN), "")

        plan = await plan_join(it.desk, NINE, EIGHT)

        assert plan.to == 7


async def test_a_client_whose_account_others_share_is_not_joined_before_these_are_split_off() -> None:
    async with two_offices() as (it, _):
        it.matched.plant(Name="Bob", **{KEY: "ACC1:8"})
        await carry_out(it.desk, await plan_join(it.desk, NINE, SEVEN), "")

        with pytest.raises(CannotMatch, match="shared by 9") as refused:
            await plan_join(it.desk, SEVEN, EIGHT)

        assert "freshforce match undo acme 9" in refused.value.mend


async def test_who_goes_from_one_shared_account_to_another_leaves_the_first_and_is_told_so() -> None:
    async with two_offices() as (it, _):
        it.matched.plant(Name="Bob", **{KEY: "ACC1:8"})
        free = it.matched.plant(Name="Nobody's yet")
        await carry_out(it.desk, await plan_join(it.desk, NINE, SEVEN), "")

        onward, out = (
            await plan_join(it.desk, NINE, EIGHT),
            await plan_accept(it.desk, NINE, SalesforceId(free)),
        )

        assert (onward.to, onward.leaves) == (8, 7)
        assert (out.state, out.to, out.leaves) == (MatchState.LINKED, None, 7)
        assert (await plan_join(it.desk, NINE, SEVEN)).leaves is None


async def test_of_two_joins_at_once_that_would_make_a_chain_the_later_is_taken_back() -> None:
    async with two_offices() as (it, _):
        it.matched.plant(Name="Bob", **{KEY: "ACC1:8"})
        nine_to_seven = await plan_join(it.desk, NINE, SEVEN)
        await carry_out(it.desk, await plan_join(it.desk, SEVEN, EIGHT), "")

        with pytest.raises(CannotMatch, match="at the same moment"):
            await carry_out(it.desk, nine_to_seven, "")

        match = it.matched.standing(9)
        assert match is not None
        assert (match.state, match.to) == (MatchState.UNDONE, None)
        assert it.events[-1].object_id == 9


@pytest.mark.parametrize(
    ("client", "to", "why"), [(7, 7, "its own"), (9, 8, "no Account of the org carries")]
)
async def test_what_cannot_be_joined_is_refused_with_a_mend(client: int, to: int, why: str) -> None:
    async with two_offices() as (it, _):
        with pytest.raises(CannotMatch, match=why) as refused:
            await plan_join(it.desk, ClientId(client), ClientId(to))

        assert refused.value.mend


async def test_an_account_of_other_books_is_not_shared() -> None:
    async with an_office() as it:
        theirs = it.matched.plant(Name="Acme", **{KEY: "OTHER:7"})

        with pytest.raises(CannotMatch, match="a client of other books: OTHER:7"):
            await plan_accept(it.desk, NINE, SalesforceId(theirs))


async def test_undo_splits_a_joined_client_off_again_and_a_repeat_says_it_is_so() -> None:
    async with two_offices() as (it, _):
        await carry_out(it.desk, await plan_join(it.desk, NINE, SEVEN), "")

        plan = await plan_undo(it.desk, NINE)
        await carry_out(it.desk, plan, "two firms after all")

        assert (plan.state, plan.leaves) == (MatchState.UNDONE, 7)
        said = joined(it.matched.book.matches, ACME, NINE)
        assert said is not None
        assert said.to is None
        assert [each.nonce for each in it.events] == ["", ""]
        assert len({each.at for each in it.matched.book.written}) == 2


async def test_a_join_that_was_written_down_but_not_told_is_told_by_its_repeat() -> None:
    async with two_offices() as (it, _):
        plan = await plan_join(it.desk, NINE, SEVEN)
        await it.desk.decide(NINE, plan.state, plan.account, "", plan.to)

        again = await plan_join(it.desk, NINE, SEVEN)
        await carry_out(it.desk, again, "")

        assert again.done
        assert len(it.events) == 1


async def test_a_joined_client_is_not_rejected_but_undone() -> None:
    async with two_offices() as (it, _):
        await carry_out(it.desk, await plan_join(it.desk, NINE, SEVEN), "")

        with pytest.raises(CannotMatch, match="shares the Account of client 7") as refused:
            await plan_reject(it.desk, NINE)

        assert refused.value.mend == "freshforce match undo acme 9"


async def test_a_shared_account_is_found_and_never_made() -> None:
    async with two_offices() as (it, account):
        seek, nowhere = found_only("ACC1:7"), found_only("ACC1:8")

        found, none = [await it.matched.matching.introduce(each) for each in (seek, nowhere)]

        assert found == Applied(SalesforceId(account), created=False)
        assert isinstance(none, Absent)
        assert it.matched.accounts == {account: "ACC1:7"}


async def test_the_account_that_a_client_left_is_emptied_where_it_is_there_and_only_there() -> None:
    async with two_offices() as (it, _):
        own = it.matched.plant(Name="Acme Montréal", FreshBooks_Outstanding__c="CAD 5.00", **{KEY: "ACC1:9"})
        left = found_only("ACC1:9", FreshBooks_Outstanding__c=None)

        answer = await it.matched.matching.write(left)

        assert answer == Applied(SalesforceId(own), created=False)
        row = it.matched.here.row(SObject.ACCOUNT.value, "Id", own)
        assert (row.get("FreshBooks_Outstanding__c"), row["Name"]) == (None, "Acme Montréal")


async def test_an_account_is_left_and_had_again_in_the_order_in_which_that_was_decided() -> None:
    async with two_offices() as (it, _):
        own = it.matched.plant(Name="Acme Montréal", **{KEY: "ACC1:9"})
        fields: dict[str, Field] = {"Name": "Acme Montréal", "FreshBooks_Outstanding__c": "CAD 5.00"}
        had = a_command(external_id="ACC1:9", client=9, fields=fields)
        left = found_only("ACC1:9", FreshBooks_Outstanding__c=None)

        shown = []
        for order in ((had, left), (left, had)):
            await asyncio.gather(*map(it.matched.here.lanes.write, order))
            shown.append(it.matched.here.row("Account", "Id", own).get("FreshBooks_Outstanding__c"))

        assert shown == [None, "CAD 5.00"]
