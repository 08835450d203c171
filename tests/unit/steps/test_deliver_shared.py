"""An Account that several clients share: sought, waited for, asked for, made by one of them alone."""

from streams.domain.audit import Verdict
from streams.domain.command import BY_CLIENT, Command, SObject
from streams.domain.event import EventSource
from streams.domain.identity import ClientId
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk

NINE, SEVEN = "p7rQW5:9", "p7rQW5:7"


def seeks(version: int = 1, *, nonce: str = "") -> Command:
    """Return what asks for the Account of client 7, which client 9 shares."""
    return found_only(7, version, nonce=nonce)


def left(version: int = 1) -> Command:
    """Return what becomes of the Account that client 9 had before."""
    return found_only(9, version)


def found_only(number: int, version: int, *, nonce: str = "") -> Command:
    it = a_command(number=number, client=9, version=version)
    return it.model_copy(update={"external_id_field": BY_CLIENT, "nonce": nonce})


def a_child(version: int = 1) -> Command:
    """Return an Opportunity of client 9 under the Account of client 7."""
    it = a_command(SObject.OPPORTUNITY, 39, client=9, version=version)
    lookup = it.fields["Account"].model_copy(update={"external_id": SEVEN})  # type: ignore[union-attr]
    return it.model_copy(update={"fields": {**it.fields, "Account": lookup}})


async def test_rows_go_under_an_account_that_is_there() -> None:
    desk = Desk()
    await desk.tell(a_command())

    said = await desk.tell(seeks(), a_child())

    assert said == [Verdict.APPLIED, Verdict.APPLIED]
    assert desk.events == []


async def test_an_account_that_is_missing_is_asked_for_and_the_rows_wait_for_it() -> None:
    desk = Desk()

    said = await desk.tell(seeks(), a_child())

    assert said == [Verdict.PARKED, Verdict.PARKED]
    (event,) = desk.events
    assert (event.source, event.object_id, event.whole) == (EventSource.SHARED, 7, False)
    assert event.nonce
    assert not desk.has(SObject.ACCOUNT)


async def test_once_it_is_there_all_that_waits_goes() -> None:
    desk = Desk()
    await desk.tell(seeks(), a_child())
    await desk.tell(a_command())

    await desk.tell(seeks(version=2))
    said = await desk.go_round()

    assert said == [Verdict.APPLIED]
    assert desk.has(SObject.OPPORTUNITY, "p7rQW5:39")


async def test_who_was_sent_because_the_account_was_made_asks_no_further() -> None:
    desk = Desk()

    said = await desk.tell(seeks(nonce="0000000000000001"))

    assert said == [Verdict.PARKED]
    assert desk.events == []


async def test_who_takes_the_place_of_one_that_was_sent_for_that_asks_for_the_account_himself() -> None:
    desk = Desk()
    await desk.tell(seeks(nonce="0000000000000001"))

    await desk.tell(seeks(version=2))

    (event,) = desk.events
    assert event.object_id == 7


async def test_an_account_that_is_made_has_those_read_who_share_it() -> None:
    desk = Desk()
    shared = a_command().model_copy(update={"members": (ClientId(9),)})

    await desk.tell(shared)
    await desk.tell(shared.model_copy(update={"version": 2}))

    (event,) = desk.events
    assert (event.source, event.object_id) == (EventSource.SHARED, 9)


async def test_an_account_that_was_made_anew_behind_our_back_has_the_sharers_rows_sent_again() -> None:
    desk = Desk()
    await desk.tell(a_command())
    await desk.tell(seeks(), a_child())
    desk.org.forget(ACME, SObject.ACCOUNT, SEVEN)
    await desk.tell(a_command(version=2, says="Acme Ltd"))

    await desk.tell(seeks(version=2, nonce="0000000000000001"))

    assert [it.object_id for it in desk.events] == [7, 9]
    assert desk.events[-1].whole


async def test_the_account_that_was_left_is_not_made_and_what_waited_for_a_person_ends() -> None:
    desk = Desk()
    desk.org.undecided.add(NINE)
    await desk.tell(a_command(number=9, client=9))

    said = await desk.tell(left(version=2))

    assert said == [Verdict.SUPERSEDED, Verdict.UNCHANGED]
    assert not desk.has(SObject.ACCOUNT, NINE)
    assert desk.parked == {}


async def test_an_account_that_was_not_there_to_be_left_is_not_looked_for_again() -> None:
    desk = Desk()
    await desk.tell(left())
    desk.org.written.clear()

    assert await desk.tell(left()) == [Verdict.UNCHANGED]
    assert desk.calls == []


async def test_after_a_refusal_the_state_before_is_sent_again_for_nobody_knows_what_was_taken() -> None:
    desk = Desk()
    await desk.tell(a_command(version=1, says="A"))
    desk.step.buried(a_command(version=2, says="B"))

    said = await desk.tell(a_command(version=3, says="A"))

    assert said == [Verdict.APPLIED]
