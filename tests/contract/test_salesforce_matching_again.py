"""Clients that wait are looked for again, and wait no longer once nobody has to say anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from app.sandbox.salesforce.rules import DuplicateRule, Rules, ValidationRule
from streams.domain.connection import AccountMatching
from streams.domain.identity import demanded_at
from streams.domain.match import MatchState
from streams.ports import Applied, Rejected, Undecided
from tests.builders.matching import KEY, Matched, a_client, a_sure_one, decided, matched_org
from tests.builders.salesforce import A_MORNING, ACME

CREATE, SUGGEST, ONLY = AccountMatching.CREATE, AccountMatching.SUGGEST, AccountMatching.MATCH_ONLY


def set_mode(it: Matched, mode: AccountMatching) -> None:
    it.here.settings[ACME] = it.here.settings[ACME].model_copy(update={"account_matching": mode})


def waits_since(it: Matched, moment: datetime) -> datetime:
    """Let the client 7 have been asked about at that moment."""
    match = it.standing(7)
    assert match is not None
    it.book.matches[match.key] = match.model_copy(update={"at": moment})
    return moment


async def test_whom_no_account_was_like_is_looked_for_again_with_its_next_change() -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        made = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")

        answer = await it.matching.introduce(a_client(version=2))

        assert isinstance(answer, Applied)
        assert it.accounts == {made: "ACC1:7"}


async def test_whom_no_account_is_like_gets_a_new_one_once_the_setting_wants_that() -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        set_mode(it, SUGGEST)

        answer = await it.matching.introduce(a_client(version=2))

        assert isinstance(answer, Applied)
        assert [*it.accounts.values()] == ["ACC1:7"]


async def test_whoever_waits_is_looked_for_again_when_that_is_demanded() -> None:
    async with matched_org() as it:
        like = it.plant(Name="Acme")
        await it.matching.introduce(a_client())
        it.here.org.control.people.edit("Account", like, {"FreshBooks_Email__c": "ann@acme.example"})

        answer = await it.matching.introduce(a_client().model_copy(update={"nonce": "1"}))

        assert isinstance(answer, Applied)
        assert it.accounts == {like: "ACC1:7"}


async def test_a_demand_is_answered_by_one_look_though_later_changes_carry_it_on() -> None:
    async with matched_org() as it:
        it.plant(Name="Acme")
        await it.matching.introduce(a_client())
        waits_since(it, A_MORNING - timedelta(hours=1))
        demanded = {"nonce": demanded_at(A_MORNING - timedelta(minutes=1))}
        await it.matching.introduce(a_client(version=2).model_copy(update=demanded))
        calls, written = it.here.calls(), len(it.book.written)

        answer = await it.matching.introduce(a_client(version=3).model_copy(update=demanded))

        assert isinstance(answer, Undecided)
        assert (it.here.calls(), len(it.book.written)) == (calls, written)


async def test_a_look_that_shows_what_was_known_leaves_since_when_a_client_waits() -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        since = waits_since(it, A_MORNING - timedelta(hours=1))

        answer = await it.matching.introduce(a_client(version=2))

        match = it.standing(7)
        assert isinstance(answer, Undecided)
        assert match is not None
        assert match.at == since


@pytest.mark.parametrize("mode", [CREATE, SUGGEST])
async def test_who_gets_a_new_account_after_all_is_no_more_on_the_list_of_those_that_wait(
    mode: AccountMatching,
) -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        set_mode(it, mode)

        await it.matching.introduce(a_client(version=2))

        match = it.standing(7)
        assert match is not None
        assert (match.state, match.account) == (MatchState.SEPARATE, None)


async def test_whose_number_a_person_typed_into_an_account_is_that_one_and_waits_no_more() -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        typed = it.plant(Name="Other", **{KEY: "ACC1:7"})

        await it.matching.introduce(a_client(version=2))

        match = it.standing(7)
        assert match is not None
        assert (match.state, match.account) == (MatchState.LINKED, typed)
        assert match.reason == "it carries the client's number"


async def test_a_decision_that_could_not_be_done_is_over_once_the_setting_makes_a_new_account() -> None:
    async with matched_org() as it:
        await it.book.write(decided(7, MatchState.LINKED, it.plant(Name="Acme", **{KEY: "ACC1:8"})))
        await it.matching.introduce(a_client())
        set_mode(it, CREATE)

        await it.matching.introduce(a_client(version=2))

        match = it.standing(7)
        assert match is not None
        assert match.state is MatchState.SEPARATE


async def test_of_a_client_that_never_waited_nothing_is_written_down() -> None:
    async with matched_org() as it:
        await it.matching.introduce(a_client())

        assert it.book.written == []


async def test_whom_a_duplicate_rule_stops_when_it_is_to_get_a_new_account_waits_for_a_person_again() -> None:
    async with matched_org(ONLY) as it:
        await it.matching.introduce(a_client())
        set_mode(it, SUGGEST)
        it.here.org.control.rules(Rules(duplicates=(DuplicateRule(sobject="Account", fields=("Website",)),)))
        old = it.plant(Name="Somebody", Website="acme.example")
        again = a_client(version=2)
        again.fields["Website"] = "acme.example"

        answer = await it.matching.introduce(again)

        assert isinstance(answer, Undecided)
        match = it.standing(7)
        assert match is not None
        assert (match.state, [each.account for each in match.candidates]) == (MatchState.PROPOSED, [old])


NO_NEW_ONE = Rules(validation=(ValidationRule(sobject="Account", refuse_when="Name != null", message="no"),))


async def refused_a_new_account(it: Matched, mode: AccountMatching) -> None:
    """Client 7 waits; by `mode` it is to get a new Account, which the org refuses; then the org takes it."""
    await it.matching.introduce(a_client())
    set_mode(it, mode)
    it.here.org.control.rules(NO_NEW_ONE)
    assert isinstance(await it.matching.introduce(a_client(version=2)), Rejected)
    it.here.org.control.rules(Rules())
    match = it.standing(7)
    assert match is not None
    assert match.state is MatchState.SEPARATE


@asynccontextmanager
async def without_a_new_account(mode: AccountMatching) -> AsyncIterator[Matched]:
    """The org refused client 7 the new Account that `mode` wanted; by now the setting wants none."""
    async with matched_org(ONLY) as it:
        await refused_a_new_account(it, mode)
        set_mode(it, ONLY)
        yield it


@pytest.mark.parametrize("mode", [CREATE, SUGGEST])
async def test_that_a_setting_wanted_a_new_account_holds_no_longer_than_the_setting(
    mode: AccountMatching,
) -> None:
    async with without_a_new_account(mode) as it:
        answer = await it.matching.introduce(a_client(version=3))

        assert isinstance(answer, Undecided)
        assert it.accounts == {}
        match = it.standing(7)
        assert match is not None
        assert match.state is MatchState.PROPOSED


@pytest.mark.parametrize("mode", [CREATE, SUGGEST])
async def test_an_account_that_people_make_after_a_new_one_was_refused_is_the_client_s(
    mode: AccountMatching,
) -> None:
    async with without_a_new_account(mode) as it:
        made = it.plant(Name="Acme Inc.", FreshBooks_Email__c="ann@acme.example")

        answer = await it.matching.introduce(a_client(version=3))

        assert isinstance(answer, Applied)
        assert it.accounts == {made: "ACC1:7"}


@pytest.mark.parametrize("changed", ["the client", "the setting, and back"])
async def test_whose_decision_could_not_be_done_stays_on_the_list_whatever_changed(changed: str) -> None:
    async with matched_org(ONLY) as it:
        taken = it.plant(Name="Acme", **{KEY: "ACC1:8"})
        decision = decided(7, MatchState.LINKED, taken)
        await it.book.write(decision)
        if changed == "the client":
            await it.matching.introduce(a_client())
        else:
            await refused_a_new_account(it, CREATE)
            set_mode(it, ONLY)

        answer = await it.matching.introduce(a_client(email="bob@acme.example", version=3))

        assert isinstance(answer, Undecided)
        match = it.standing(7)
        assert match is not None
        assert (match.state, match.after) == (MatchState.PROPOSED, decision.id)


async def test_a_proposal_left_of_a_client_that_has_its_account_is_over_with_that_ones_next_write() -> None:
    async with matched_org() as it:
        await it.book.write(a_sure_one(7, it.plant(Name="Another")))
        its = it.plant(Name="Acme", **{KEY: "ACC1:7"})

        answer = await it.matching.write(a_client())

        assert isinstance(answer, Applied)
        match = it.standing(7)
        assert match is not None
        assert (match.state, match.account) == (MatchState.LINKED, its)


async def test_a_person_is_asked_still_about_a_decision_that_could_not_be_done_whatever_is_written() -> None:
    async with matched_org() as it:
        said = decided(7, MatchState.LINKED, it.plant(Name="Another", **{KEY: "ACC1:8"}))
        open_again = a_sure_one(7, it.plant(Name="Third")).model_copy(update={"after": said.id})
        await it.book.write(said, open_again)
        it.plant(Name="Acme", **{KEY: "ACC1:7"})

        await it.matching.write(a_client())

        assert it.standing(7) == open_again
