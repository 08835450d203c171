"""What misses its Account waits, goes when it is there, and never gets lost in between."""

import asyncio

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.domain.errors import Refused
from streams.domain.event import EventSource
from streams.domain.identity import SalesforceId
from streams.ports import Answer, Applied, ParentMissing, Rejected
from streams.steps.id_map import row_key
from streams.steps.parked import Parked
from streams.steps.wait import TRIES
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk

ACCOUNT, CONTACT, OPPORTUNITY = SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY
MISSING = ParentMissing("INVALID_FIELD", ("FreshBooks_Client_Id__c",))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_row_without_its_account_waits_and_goes_when_the_account_is_there(desk: Desk) -> None:
    parked = await desk.tell(a_command(CONTACT))
    released = await desk.tell(a_command(ACCOUNT))
    applied = await desk.go_round()

    assert parked == [Verdict.PARKED]
    assert released == [Verdict.APPLIED, Verdict.RELEASED]
    assert applied == [Verdict.APPLIED]
    assert desk.has(CONTACT)
    assert desk.parked == {}


async def test_later_rows_of_the_client_wait_behind_without_a_call_but_its_account_passes(desk: Desk) -> None:
    await desk.tell(a_command(CONTACT))

    said = await desk.tell(a_command(OPPORTUNITY, 31), a_command(OPPORTUNITY, 32))
    passed = await desk.tell(a_command(ACCOUNT))
    await desk.go_round()

    assert said == [Verdict.PARKED, Verdict.PARKED]
    assert passed[0] is Verdict.APPLIED
    assert len(desk.calls) == 1 + 1 + 3
    assert desk.has(OPPORTUNITY, "p7rQW5:32")


async def test_other_clients_do_not_wait(desk: Desk) -> None:
    await desk.tell(a_command(CONTACT))

    said = await desk.tell(a_command(ACCOUNT, 8, client=8), a_command(CONTACT, 8, client=8))

    assert said == [Verdict.APPLIED, Verdict.APPLIED]


async def test_of_each_row_only_the_newest_waits(desk: Desk) -> None:
    older, newer = a_command(CONTACT, version=1, says="Lee"), a_command(CONTACT, version=2, says="Lea")

    said = await desk.tell(older) + await desk.tell(newer)
    await desk.tell(a_command(ACCOUNT, version=3))
    await desk.go_round()

    assert said == [Verdict.PARKED, Verdict.SUPERSEDED, Verdict.PARKED]
    assert desk.org.rows[ACME, CONTACT, "p7rQW5:7"]["LastName"] == "Lea"
    assert [it.row for it in desk.org.written].count(newer.row) == 2


async def test_a_row_that_was_buried_waits_no_longer_and_is_not_released_again(desk: Desk) -> None:
    desk.holds_back = False
    refused, waits = a_command(CONTACT), a_command(OPPORTUNITY, 31)
    await desk.tell(refused, waits)
    await desk.tell(a_command(ACCOUNT))
    desk.org.refuse(refused.external_id, Rejected("REQUIRED_FIELD_MISSING", "no", "give it one"))
    with pytest.raises(Refused):
        await desk.go_round()

    desk.step.buried(refused)

    desk.restart()
    assert await desk.tell(a_command(ACCOUNT), waits) == [
        Verdict.UNCHANGED,
        Verdict.RELEASED,
        Verdict.APPLIED,
    ]
    assert desk.parked == {}


async def test_burying_one_that_never_waited_frees_none_that_does(desk: Desk) -> None:
    await desk.tell(a_command(CONTACT, version=2))

    desk.step.buried(a_command(CONTACT, version=1))

    assert await desk.tell(a_command(ACCOUNT)) == [Verdict.APPLIED, Verdict.RELEASED]


async def test_a_newer_row_that_gets_through_ends_the_one_that_waits(desk: Desk) -> None:
    waits, newer = a_command(CONTACT, version=1, says="Lee"), a_command(CONTACT, version=3, says="Lea")
    await desk.tell(waits)
    await desk.tell(a_command(ACCOUNT, version=2))

    said = await desk.tell(newer)

    assert said == [Verdict.SUPERSEDED, Verdict.APPLIED]
    assert desk.entries[0].cause == waits.id
    assert desk.parked == {}


async def test_a_release_that_was_lost_in_a_crash_is_said_again(desk: Desk) -> None:
    await desk.tell(a_command(CONTACT))
    await desk.tell(a_command(ACCOUNT))
    desk.back.clear()
    desk.restart()

    said = await desk.tell(a_command(ACCOUNT))

    assert said == [Verdict.UNCHANGED, Verdict.RELEASED]
    assert len(desk.back) == 1


async def test_what_was_released_is_not_released_by_every_later_word_on_the_account(desk: Desk) -> None:
    await desk.tell(a_command(CONTACT))
    await desk.tell(a_command(ACCOUNT, version=2))
    desk.back.clear()

    await desk.tell(*(a_command(ACCOUNT, version=version) for version in range(3, 9)))

    assert desk.back == []


async def test_an_account_that_salesforce_lost_is_asked_for_and_comes_back_with_its_rows(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT), a_command(CONTACT))
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    desk.org.forget(ACME, CONTACT, "p7rQW5:7")

    parked = await desk.tell(a_command(ACCOUNT, version=2), a_command(OPPORTUNITY, 31, version=2))
    asked = [(it.key, it.source) for it in desk.events]
    again = await desk.tell(a_command(ACCOUNT, version=3), a_command(CONTACT, version=3))
    await desk.go_round()

    assert parked == [Verdict.UNCHANGED, Verdict.PARKED]
    assert asked == [("acme:client:7", EventSource.DELIVER)]
    assert again == [Verdict.APPLIED, Verdict.RELEASED, Verdict.APPLIED]
    assert desk.has(OPPORTUNITY, "p7rQW5:31")


async def test_the_question_for_a_lost_account_is_asked_again_after_a_crash(desk: Desk) -> None:
    child = a_command(OPPORTUNITY, 31, version=2)
    await desk.tell(a_command(ACCOUNT))
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    await desk.tell(child)
    lost = [*desk.events]
    desk.events.clear()
    desk.restart()

    await desk.tell(child)

    assert desk.events == lost
    assert len(lost) == 1


async def test_an_account_that_had_to_be_made_anew_brings_its_client_s_rows_into_doubt(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT), a_command(CONTACT))
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    desk.org.forget(ACME, CONTACT, "p7rQW5:7")

    await desk.tell(a_command(ACCOUNT, version=2, says="Apex"))
    said = await desk.tell(a_command(CONTACT, version=3))

    assert len(desk.events) == 1
    assert said == [Verdict.APPLIED]


async def test_a_row_that_never_finds_its_account_ends_with_a_person(desk: Desk) -> None:
    child = a_command(CONTACT)
    desk.org.refuse("p7rQW5:7", *[answer for _ in range(TRIES + 2) for answer in _lost_and_found()])
    await desk.tell(child)

    async def confirm_again_and_again() -> None:
        for version in range(2, 20):
            await desk.tell(a_command(ACCOUNT, version=version))
            await desk.go_round()

    with pytest.raises(Refused, match="does not see the row"):
        await confirm_again_and_again()

    assert len([it for it in desk.org.written if it.sobject is CONTACT]) == TRIES + 2


async def test_a_row_that_misses_something_else_than_its_account_is_buried(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:7", MISSING)
    command = a_command(ACCOUNT)
    word = await desk.step.ask(command)

    with pytest.raises(Refused):
        [*desk.step(command, word)]


async def test_an_answer_from_before_the_account_came_is_no_sign_of_its_loss(desk: Desk) -> None:
    child, account = a_command(CONTACT), a_command(ACCOUNT)
    words = [asyncio.ensure_future(desk.step.ask(it)) for it in (account, child)]
    await asyncio.wait(words)
    early = type(words[1].result())(MISSING, sure=False)

    [*desk.step(account, words[0].result())]
    said = [*desk.step(child, early)]

    assert said == [child]
    assert desk.parked == {}


async def test_what_waits_ends_with_the_same_state_of_another_reading(desk: Desk) -> None:
    waits, again = (a_command(CONTACT, cause=reading) for reading in ("first", "second"))
    await desk.tell(waits)
    await desk.tell(a_command(ACCOUNT))
    desk.back.append(again)

    said = await desk.go_round()

    assert said == [Verdict.SUPERSEDED, Verdict.SUPERSEDED, Verdict.APPLIED]
    assert desk.parked == {}


async def test_what_waits_goes_on_waiting_beside_another_state_of_the_same_version(desk: Desk) -> None:
    waits, other = (a_command(CONTACT, says=name) for name in ("Boss", "Chief"))
    await desk.tell(waits)
    await desk.tell(a_command(ACCOUNT))

    await desk.tell(other)

    waiting = Parked(desk.parked).of(waits.key, row_key(waits.row))
    assert waiting is not None
    assert waiting.id == waits.id


def _an_id() -> SalesforceId:
    return SalesforceId("001000000000001AAA")


def _lost_and_found() -> list[Answer]:
    """A row misses its Account, which Salesforce says to have."""
    return [MISSING, Applied(_an_id(), created=False)]
