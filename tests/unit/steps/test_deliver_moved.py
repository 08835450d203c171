"""An invoice that went to another client: nothing of the former one's lands after the new one's."""

from datetime import timedelta

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.domain.event import EventSource
from streams.domain.identity import ObjectKind
from streams.mapping.row import OPPORTUNITY_KEY, Row, content
from streams.ports import Rejected
from streams.steps.flights import Stale, Yielded
from tests.builders.commands import ACME, MORNING, a_command
from tests.builders.deliver_desk import Desk, under_way

SALE, ORDER = SObject.OPPORTUNITY, SObject.ORDER
REFUSED = Rejected("FIELD_CUSTOM_VALIDATION_EXCEPTION", "not on a Friday", "mend")
ITS_ROW = (ACME, SALE, "p7rQW5:31")


def went(version: int, since: str = "") -> Command:
    """Return the word of client 7's books that invoice 31 went to another client."""
    said = a_command(SALE, 31, version=version, cause=since or "went")
    since_when = MORNING + timedelta(seconds=version)
    nothing = content(Row(SALE, OPPORTUNITY_KEY, said.external_id, {}, since))
    return said.model_copy(update={"fields": {}, "content": nothing, "read_at": since_when})


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.tell(a_command(), a_command(client=8, number=8))
    return desk


async def test_it_is_no_call_and_has_the_invoice_read_once_more(desk: Desk) -> None:
    await desk.tell(a_command(SALE, 31, version=2))

    said = await desk.tell(went(3))

    (event,) = desk.events
    assert said == [Verdict.SUPERSEDED]
    assert "another client" in desk.entries[0].rule
    assert (event.object, event.object_id, event.source) == (ObjectKind.INVOICE, 31, EventSource.SHARED)
    assert event.nonce
    assert desk.org.written[-1].version == 2


async def test_the_same_word_read_again_from_the_log_asks_for_nothing_more(desk: Desk) -> None:
    await desk.tell(a_command(SALE, 31, version=2), went(3))
    desk.events.clear()

    await desk.tell(went(9))

    assert desk.events == []


async def test_the_same_word_of_another_reading_asks_for_nothing_more(desk: Desk) -> None:
    await desk.tell(went(3))
    desk.events.clear()

    again = went(3).model_copy(update={"id": "f" * 32})
    await desk.tell(again)
    await desk.tell(again)

    assert desk.events == []


async def test_the_same_word_asked_again_after_a_crash_asks_under_the_same_id(desk: Desk) -> None:
    await desk.tell(went(3))
    desk.restart()

    await desk.tell(went(3))

    once, again = desk.events
    assert once == again


async def test_an_invoice_that_goes_again_is_asked_for_again(desk: Desk) -> None:
    await desk.tell(went(3, since="first"), a_command(SALE, 31, version=4))

    await desk.tell(went(5, since="second"))

    once, again = desk.events
    assert again.nonce != once.nonce


@pytest.mark.parametrize("sobject", [SALE, ORDER])
async def test_a_dead_letter_of_the_former_client_that_is_retried_is_not_sent(
    desk: Desk, sobject: SObject
) -> None:
    await desk.tell(a_command(SALE, 31, version=1, says="Before"))
    desk.org.order(ACME, "p7rQW5:31")
    letter = a_command(sobject, 31, version=2, says="Former")
    desk.org.refuse("p7rQW5:31", REFUSED)
    await desk.bury(letter)
    await desk.tell(went(3), a_command(SALE, 31, client=8, says="New"))

    said = await desk.tell(letter)

    assert said == [Verdict.SUPERSEDED]
    assert desk.org.rows[ITS_ROW]["Name"] == "New"


async def test_what_waited_behind_a_failed_row_of_the_former_client_goes_once_the_invoice_is_away(
    desk: Desk,
) -> None:
    desk.org.refuse("p7rQW5:31", REFUSED)
    await desk.bury(a_command(SALE, 31, version=2), a_command(SALE, 32, version=3))

    said = await desk.tell(went(4))

    assert said == [Verdict.SUPERSEDED, Verdict.RELEASED]
    assert [it.external_id for it in desk.back] == ["p7rQW5:32"]


async def test_what_is_on_its_way_for_the_former_client_has_landed_before_the_invoice_is_asked_for(
    desk: Desk,
) -> None:
    former, gone = a_command(SALE, 31, version=2), went(3)
    asked = await under_way(desk, former)
    word = await desk.step.ask(gone)

    [*desk.step(former, await asked)]
    said = [*desk.step(gone, word)]

    assert desk.org.written[-1] == former
    assert len(said) == 2


@pytest.mark.parametrize("sobject", [SALE, ORDER])
async def test_what_is_retried_before_the_word_is_concluded_is_out_of_date_already(
    desk: Desk, sobject: SObject
) -> None:
    await desk.tell(a_command(SALE, 31, version=1))
    asked = desk.step.ask(went(3))

    letter = await desk.step.ask(a_command(sobject, 31, version=2, says="Former"))

    assert isinstance(letter.said, Stale)
    assert isinstance((await asked).said, Yielded)


async def test_what_waits_of_the_former_client_is_never_sent(desk: Desk) -> None:
    desk.org.undecided.add("p7rQW5:9")
    await desk.tell(a_command(client=9, number=9), a_command(SALE, 31, client=9, version=2))
    gone = went(3).model_copy(update={"client": 9})

    said = await desk.tell(gone)

    assert said == [Verdict.SUPERSEDED, Verdict.SUPERSEDED]
    desk.org.undecided.clear()
    await desk.tell(a_command(client=9, number=9, version=4))
    assert desk.back == []


async def test_an_invoice_that_comes_back_is_written_again(desk: Desk) -> None:
    await desk.tell(a_command(SALE, 31, version=2), went(3))

    said = await desk.tell(a_command(SALE, 31, version=4))

    assert said == [Verdict.APPLIED]


async def test_what_waited_of_the_invoice_s_order_ends_as_the_order_s() -> None:
    desk = Desk()
    desk.org.undecided.add("p7rQW5:7")
    await desk.tell(a_command(), a_command(SALE, 31, version=2), a_command(ORDER, 31, version=2))
    desk.entries.clear()

    await desk.tell(went(3))

    assert {it.result.sobject for it in desk.entries if it.result} == {SALE, ORDER}


async def test_a_demand_that_waited_until_a_newer_state_was_sent_is_met_by_that(desk: Desk) -> None:
    await desk.tell(a_command(SALE, 31, version=1))
    desk.org.refuse("p7rQW5:32", REFUSED)
    failed = a_command(SALE, 32, version=2)
    await desk.bury(failed)
    demanded = a_command(SALE, 31, version=3).model_copy(update={"nonce": "0123456789abcdef"})
    await desk.tell(demanded)
    await desk.tell(failed)
    await desk.tell(a_command(SALE, 31, version=4))
    await desk.go_round()

    again = demanded.model_copy(update={"version": 5, "id": "e" * 32})
    assert await desk.tell(again) == [Verdict.UNCHANGED]
