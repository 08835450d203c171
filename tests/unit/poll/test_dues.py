"""The day on which something becomes overdue: no webhook tells it, so the poller does."""

from datetime import UTC, date, datetime

import pytest

from app.freshbooks.client import Due
from app.poll.dues import Dues
from streams.domain.event import EventSource
from streams.domain.identity import ConnectionName, ObjectKind
from tests.fakes.event_log import EventLog
from tests.fakes.freshbooks_lists import FreshBooksLists

ACME = ConnectionName("acme")
MONDAY, TUESDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 26)
TUESDAY_MORNING = datetime(2026, 11, 24, 12, tzinfo=UTC)
JUST_AFTER_MIDNIGHT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
"""In New York, where it is half past midnight."""


def owing(*dues: Due) -> FreshBooksLists:
    lists = FreshBooksLists()
    lists.dues = [*dues]
    return lists


async def test_a_client_whose_invoice_was_due_yesterday_is_told_of_once() -> None:
    told, dues = EventLog(), Dues(ACME, owing(Due(7, MONDAY), Due(7, MONDAY), Due(8, TUESDAY)), MONDAY)

    found = [await dues.tell(TUESDAY_MORNING, told), await dues.tell(TUESDAY_MORNING, told)]

    assert found == [1, 0]
    (event,) = told.events
    assert (event.object, event.object_id, event.source) == (ObjectKind.CLIENT, 7, EventSource.POLL)


async def test_freshbooks_is_asked_once_a_day_and_for_no_day_twice() -> None:
    lists = owing()
    dues = Dues(ACME, lists, MONDAY)

    for hour in (12, 13, 14):
        await dues.tell(TUESDAY_MORNING.replace(hour=hour), EventLog())
    await dues.tell(TUESDAY_MORNING.replace(day=26), EventLog())

    assert lists.asked_due == [(MONDAY, TUESDAY), (TUESDAY, THURSDAY)]


async def test_a_day_has_passed_when_it_has_on_every_clock() -> None:
    """FreshBooks' clock, by which the client is then read, may be a little late."""
    lists = owing(Due(7, MONDAY))

    assert await Dues(ACME, lists, MONDAY).tell(JUST_AFTER_MIDNIGHT, EventLog()) == 0


async def test_the_same_day_found_by_another_process_is_the_same_event() -> None:
    one, two = EventLog(), EventLog()

    for told in (one, two):
        await Dues(ACME, owing(Due(7, MONDAY)), MONDAY).tell(TUESDAY_MORNING, told)

    assert one.events == two.events


async def test_what_kafka_did_not_take_is_told_by_the_next_pass() -> None:
    told, dues = EventLog(), Dues(ACME, owing(Due(7, MONDAY)), MONDAY)
    told.away = True
    with pytest.raises(ConnectionError):
        await dues.tell(TUESDAY_MORNING, told)

    told.away = False

    assert await dues.tell(TUESDAY_MORNING, told) == 1
