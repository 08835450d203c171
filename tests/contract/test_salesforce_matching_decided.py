"""What a person decided, and what only a person can: against a Salesforce that speaks real HTTP."""

import asyncio

import pytest

from app.salesforce.answers.meanings import CODES
from app.salesforce.answers.refusals import of_row
from app.salesforce.matching.gathering import Gathering
from app.salesforce.matching.question import Question
from app.salesforce.matching.settlement import Said
from app.sandbox.salesforce.rules import DuplicateRule, Rules
from streams.domain.connection import AccountMatching
from streams.domain.match import MatchState
from streams.ports import Applied, Rejected, Undecided
from tests.builders.matching import KEY, Matched, a_client, decided, matched_org
from tests.builders.salesforce import ACME


async def test_what_a_person_said_is_done_whichever_account_is_more_like_it() -> None:
    async with matched_org() as it:
        it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
        chosen = it.plant(Name="Something Else")
        await it.book.write(decided(7, MatchState.LINKED, chosen))

        answer = await it.matching.introduce(a_client())

        assert isinstance(answer, Applied)
        assert answer.notes == ("linked: Ann says so",)
        assert it.accounts[chosen] == "ACC1:7"
        assert len(it.accounts) == 2


@pytest.mark.parametrize("mode", AccountMatching)
@pytest.mark.parametrize("state", [MatchState.SEPARATE, MatchState.UNDONE])
async def test_who_is_said_to_be_none_of_them_gets_an_account_of_its_own(
    state: MatchState, mode: AccountMatching
) -> None:
    async with matched_org(mode) as it:
        old = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
        await it.book.write(decided(7, state))

        await it.matching.introduce(a_client())

        assert sorted(it.accounts.values()) == ["", "ACC1:7"]
        assert it.accounts[old] == ""


@pytest.mark.parametrize("kept", [True, False])
async def test_a_decision_that_cannot_be_carried_out_goes_back_to_a_person(*, kept: bool) -> None:
    async with matched_org() as it:
        chosen = it.plant(Name="Acme", **({KEY: "ACC1:8"} if kept else {}))
        if not kept:
            it.here.org.control.people.delete("Account", chosen)
        decision = decided(7, MatchState.LINKED, chosen)
        await it.book.write(decision)

        answer = await it.matching.introduce(a_client())

        assert isinstance(answer, Undecided)
        match = it.standing(7)
        assert match is not None
        assert (match.state, match.after) == (MatchState.PROPOSED, decision.id)


async def test_two_decisions_for_one_account_never_make_it_change_hands() -> None:
    async with matched_org() as it:
        chosen = it.plant(Name="Acme")
        await it.book.write(decided(7, MatchState.LINKED, chosen), decided(8, MatchState.LINKED, chosen))

        answers = await asyncio.gather(*(it.matching.introduce(a_client(each)) for each in (7, 8)))

        assert it.accounts == {chosen: "ACC1:7"}
        assert isinstance(answers[1], Undecided)


async def test_at_our_share_no_account_is_looked_for_until_the_window_frees() -> None:
    async with matched_org() as it:
        await it.matching.introduce(a_client(8, "Somebody", ""))
        it.here.lanes.org(ACME).client.budget.heard({"sforce-limit-info": "api-usage=100/100"})
        it.here.org.control.reset_counters()

        waits = asyncio.create_task(it.matching.introduce(a_client()))
        await asyncio.sleep(0.3)

        assert it.here.calls() == 0
        assert not waits.done()
        waits.cancel()


async def a_duplicate_rule(it: Matched) -> str:
    it.here.org.control.rules(Rules(duplicates=(DuplicateRule(sobject="Account", fields=("Website",)),)))
    return it.plant(Name="Somebody", Website="acme.example")


async def test_what_a_duplicate_rule_stops_waits_for_a_person_with_the_record_named() -> None:
    async with matched_org() as it:
        old = await a_duplicate_rule(it)
        command = a_client()
        command.fields["Website"] = "acme.example"

        answer = await it.matching.introduce(command)

        assert answer == Undecided("a duplicate rule of the org stopped a new Account")
        match = it.standing(7)
        assert match is not None
        assert [each.account for each in match.candidates] == [old]


async def test_what_a_duplicate_rule_stops_although_a_person_wants_it_new_is_refused() -> None:
    async with matched_org() as it:
        await a_duplicate_rule(it)
        await it.book.write(decided(7, MatchState.SEPARATE))
        command = a_client()
        command.fields["Website"] = "acme.example"

        answer = await it.matching.introduce(command)

        assert isinstance(answer, Rejected)
        assert answer.code == "DUPLICATES_DETECTED"


REPORT, FILTER = CODES["MALFORMED_QUERY"], CODES["FIELD_FILTER_VALIDATION_EXCEPTION"]
RETRY = "then `freshforce deadletters retry --cause {} --apply`".format


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("MALFORMED_QUERY", f"{REPORT.mend}, {RETRY('MALFORMED_QUERY')}"),
        ("MALFORMED_ID", CODES["MALFORMED_ID"].instead),
        (
            "FIELD_FILTER_VALIDATION_EXCEPTION",
            f"{FILTER.mend}, {RETRY('FIELD_FILTER_VALIDATION_EXCEPTION')}; or {FILTER.instead}",
        ),
    ],
)
async def test_a_search_that_the_org_refuses_is_told_with_the_account_and_all_that_helps(
    code: str, mend: str
) -> None:
    refusal = of_row([{"statusCode": code, "message": "no"}])

    async def refuse(_: object) -> list[Said]:
        raise refusal.error()

    async with matched_org() as it:
        answer = await Gathering(it.here.lanes.org(ACME), refuse).ask(Question.of(a_client()))

    assert answer == Rejected(code, f"Account ACC1:7: {refusal.reason}", mend)
