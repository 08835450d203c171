"""Which Account a new client is, asked of a Salesforce that speaks real HTTP."""

import asyncio

import pytest

from app.salesforce.checkup import checkup
from app.salesforce.matching.search import named
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile
from streams.domain.connection import AccountMatching
from streams.domain.errors import Misconfigured
from streams.domain.identity import SalesforceId
from streams.domain.match import MatchState
from streams.ports import Applied, Undecided
from tests.builders.matching import KEY, a_client, matched_org
from tests.builders.salesforce import ACME

CREATE, SUGGEST, ONLY = AccountMatching.CREATE, AccountMatching.SUGGEST, AccountMatching.MATCH_ONLY


async def test_the_one_account_that_it_surely_is_gets_linked_and_no_second_one_is_made() -> None:
    async with matched_org() as it:
        old = it.plant(Name="ACME", FreshBooks_Email__c="Ann@acme.example")

        answer = await it.matching.introduce(a_client())

        assert it.accounts == {old: "ACC1:7"}
        assert answer == Applied(SalesforceId(old), created=False, notes=("linked: same e-mail, same name",))
        assert [(each.state, each.account) for each in it.book.written] == [(MatchState.LINKED, old)]


async def test_an_account_is_found_through_the_address_of_a_contact() -> None:
    async with matched_org() as it:
        old = it.plant_with_contact("Acme", "ann@acme.example")

        await it.matching.introduce(a_client())

        assert it.accounts == {old: "ACC1:7"}


async def test_an_account_is_found_by_its_name_and_phone_however_they_are_written() -> None:
    async with matched_org() as it:
        old = it.plant(Name="Böhm GmbH", Phone="(416) 555-0142")

        await it.matching.introduce(a_client(7, "Bohm", "", "+1 416-555-0142"))

        assert it.accounts == {old: "ACC1:7"}


async def test_of_two_that_are_as_sure_a_person_must_say_which() -> None:
    async with matched_org() as it:
        two = {it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example") for _ in range(2)}

        answer = await it.matching.introduce(a_client())

        assert answer == Undecided("2 Accounts are like it")
        assert set(it.accounts.values()) == {""}
        match = it.standing(7)
        assert match is not None
        assert (match.state, {each.account for each in match.candidates}) == (MatchState.PROPOSED, two)


async def test_one_that_is_like_it_by_name_alone_is_left_to_a_person() -> None:
    async with matched_org() as it:
        it.plant(Name="Acme")

        answer = await it.matching.introduce(a_client())

        assert answer == Undecided("one Account is like it, but only by: same name")


@pytest.mark.parametrize(("mode", "made"), [(CREATE, 1), (SUGGEST, 1), (ONLY, 0)])
async def test_where_no_account_is_like_it_the_setting_says_whether_one_is_made(
    mode: AccountMatching, made: int
) -> None:
    async with matched_org(mode) as it:
        it.plant(Name="Somebody Else")

        answer = await it.matching.introduce(a_client())

        assert len(it.accounts) == 1 + made
        assert isinstance(answer, Applied if made else Undecided)


async def test_where_every_client_is_new_nobody_looks() -> None:
    async with matched_org(CREATE) as it:
        it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")

        await it.matching.introduce(a_client())

        assert len(it.accounts) == 2
        assert it.here.calls() == 2


async def test_an_account_that_carries_the_clients_number_is_its_own_whatever_else_is_like_it() -> None:
    async with matched_org(ONLY) as it:
        own = it.plant(Name="Old Name", **{KEY: "ACC1:7"})
        it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")

        answer = await it.matching.introduce(a_client())

        assert isinstance(answer, Applied)
        assert answer.salesforce_id == own


async def test_the_account_of_another_client_is_never_taken() -> None:
    async with matched_org() as it:
        other = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example", **{KEY: "ACC1:8"})

        await it.matching.introduce(a_client())

        assert len(it.accounts) == 2
        assert it.accounts[other] == "ACC1:8"


async def test_two_clients_that_are_as_sure_to_be_one_account_both_wait_for_a_person() -> None:
    async with matched_org() as it:
        old = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")

        answers = await asyncio.gather(*(it.matching.introduce(a_client(each)) for each in (7, 8)))

        assert answers == [Undecided("another client is as sure to be the same Account")] * 2
        assert it.accounts == {old: ""}


async def test_a_claim_that_another_worker_writes_at_the_same_moment_is_seen() -> None:
    async with matched_org() as it:
        old = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")

        def meanwhile() -> None:
            if it.book.written:
                rival = it.book.written[0].model_copy(update={"client": 8})
                it.book.matches[rival.key] = rival

        it.book.meanwhile = meanwhile
        answer = await it.matching.introduce(a_client())

        assert isinstance(answer, Undecided)
        assert it.accounts == {old: ""}


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.RESET, FaultKind.HTML])
async def test_an_answer_that_is_lost_while_linking_costs_a_look_and_no_second_account(
    kind: FaultKind,
) -> None:
    async with matched_org() as it:
        old = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
        rule = Rule(kind=kind, method="PATCH", path="*/composite/sobjects", next=1, status=502)
        it.here.org.control.faults(Faults(rules=(rule,)))

        answer = await it.matching.introduce(a_client())

        assert isinstance(answer, Applied)
        assert it.accounts == {old: "ACC1:7"}


async def test_a_claim_from_before_a_crash_is_carried_out() -> None:
    async with matched_org() as it:
        old = it.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
        await it.matching.introduce(a_client())
        it.here.org.control.people.edit("Account", old, {KEY: None})

        await it.matching.introduce(a_client())

        assert it.accounts == {old: "ACC1:7"}


async def test_whoever_waits_is_not_looked_for_again_until_something_about_it_changes() -> None:
    async with matched_org() as it:
        it.plant(Name="Acme")
        await it.matching.introduce(a_client())
        before = it.here.calls()

        again = await it.matching.introduce(a_client(version=2))
        calls = it.here.calls()
        await it.matching.introduce(a_client(7, "Other Name", "", version=3))

        assert isinstance(again, Undecided)
        assert calls == before
        assert len(it.accounts) == 2


async def test_a_hundred_new_clients_are_looked_for_with_few_calls() -> None:
    async with matched_org() as it:
        it.plant(Name="Somebody Else")
        clients = [a_client(n, f"Firm {n} Ltd", f"f{n}@example.com", "416-555-0142") for n in range(1, 101)]

        answers = await asyncio.gather(*(it.matching.introduce(each) for each in clients))

        assert all(isinstance(each, Applied) for each in answers)
        assert it.here.calls() <= 12


async def test_clients_are_never_made_while_the_org_lacks_our_field() -> None:
    async with matched_org(profile="plain") as it:
        waiting = asyncio.ensure_future(it.matching.introduce(a_client()))

        done, _ = await asyncio.wait({waiting}, timeout=0.5)

        waiting.cancel()
        assert not done
        assert it.accounts == {}


@pytest.mark.parametrize(("mode", "told"), [(SUGGEST, 1), (CREATE, 0)])
async def test_a_checkup_says_what_matching_would_look_at_but_may_not_see(
    mode: AccountMatching, told: int
) -> None:
    profile = Profile.named("prepared").with_(hidden=frozenset({"Contact.Email", "Account.Phone"}))
    async with matched_org(mode, profile) as it:
        findings = [each async for each in checkup(it.here.lanes.client(ACME))]

        found = [each for each in findings if each.what == "Salesforce matching"]
        assert len(found) == told
        assert all("Account.Phone, Contact.Email" in each.says and not each.well for each in found)


async def test_without_sight_of_contacts_and_phones_names_and_addresses_still_count() -> None:
    profile = Profile.named("prepared").with_(hidden=frozenset({"Contact.Email", "Account.Phone"}))
    async with matched_org(SUGGEST, profile) as it:
        old = it.plant(Name="ACME", FreshBooks_Email__c="ann@acme.example")

        await it.matching.introduce(a_client(phone="416-555-0142"))

        assert it.accounts == {old: "ACC1:7"}


async def test_an_org_without_our_key_is_told_to_be_set_up_by_its_connection_s_name() -> None:
    async with matched_org(profile=Profile.named("prepared").with_(hidden={f"Account.{KEY}"})) as it:
        with pytest.raises(Misconfigured) as refused:
            await named(it.here.lanes.org(ACME), [])

        assert refused.value.code == "no-external-id-field"
        assert refused.value.mend.startswith(f"run `freshforce setup salesforce {ACME}`")
