from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.freshbooks.client import Listed
from app.poll.dues import Dues
from app.poll.findings import Told, first_day
from app.poll.poller import Poller
from streams.domain.errors import Refused
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, ObjectKind
from tests.fakes.event_log import EventLog
from tests.fakes.freshbooks_lists import FreshBooksLists

ACME = ConnectionName("acme")
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_poller(lists: FreshBooksLists, produced: EventLog) -> Poller:
    return Poller(ACME, lists, produced, lambda: NOON, NOON, Dues(ACME, lists, TODAY))


INVOICE = Listed(ObjectKind.INVOICE, 7, "2026-11-22 07:00:00.1|0")
CLIENT = Listed(ObjectKind.CLIENT, 1, "2026-11-22 07:00:00|0")


async def test_a_change_that_no_webhook_told_becomes_an_event() -> None:
    produced = EventLog()

    await a_poller(FreshBooksLists(INVOICE), produced).run_pass()

    assert [(e.object, e.object_id, e.action) for e in produced.events] == [(ObjectKind.INVOICE, 7, "seen")]


async def test_a_long_list_is_said_bit_by_bit() -> None:
    """A backlog of a hundred thousand changes is never all in memory, nor in one request to Kafka."""
    said: list[int] = []

    async def produce(events: Sequence[Event]) -> None:
        said.append(len(events))

    many = [Listed(ObjectKind.INVOICE, number, "x|0") for number in range(1, 1_201)]

    lists = FreshBooksLists(*many)
    found = await Poller(ACME, lists, produce, lambda: NOON, NOON, Dues(ACME, lists, TODAY)).run_pass()

    assert (found, said) == (1_200, [500, 500, 200])


async def test_clients_come_before_their_invoices() -> None:
    produced = EventLog()

    await a_poller(FreshBooksLists(INVOICE, CLIENT), produced).run_pass()

    assert [e.object for e in produced.events] == [ObjectKind.CLIENT, ObjectKind.INVOICE]


async def test_what_did_not_change_is_said_once() -> None:
    produced = EventLog()
    poller = a_poller(FreshBooksLists(INVOICE), produced)

    passes = [await poller.run_pass(), await poller.run_pass()]

    assert passes == [1, 0]


async def test_what_the_lists_no_longer_show_is_forgotten() -> None:
    """A poller runs for months: it must not remember every object that ever changed."""
    produced, lists = EventLog(), FreshBooksLists(INVOICE, CLIENT)
    poller = a_poller(lists, produced)
    await poller.run_pass()

    lists.active = [CLIENT]

    assert await poller.run_pass() == 0
    assert list(poller.seen.stamps) == [(ObjectKind.CLIENT, 1)]


async def test_a_pass_that_failed_forgets_nothing() -> None:
    produced, lists = EventLog(), FreshBooksLists(INVOICE)
    poller = a_poller(lists, produced)
    await poller.run_pass()
    lists.refusals = 1
    with pytest.raises(Refused):
        await poller.run_pass()

    assert await poller.run_pass() == 0


async def test_a_deletion_is_news_though_lists_leave_it_out() -> None:
    produced, lists = EventLog(), FreshBooksLists(INVOICE)
    poller = a_poller(lists, produced)
    await poller.run_pass()

    lists.active, lists.deleted = [], [Listed(ObjectKind.INVOICE, 7, "2026-11-22 07:00:00.1|1")]

    assert await poller.run_pass() == 1


async def test_what_kafka_did_not_take_is_found_again() -> None:
    produced = EventLog()
    poller = a_poller(FreshBooksLists(INVOICE), produced)
    produced.away = True
    with pytest.raises(ConnectionError):
        await poller.run_pass()

    produced.away = False

    assert await poller.run_pass() == 1


async def test_the_same_finding_has_the_same_id_in_another_process() -> None:
    one, two = EventLog(), EventLog()

    await a_poller(FreshBooksLists(INVOICE), one).run_pass()
    await a_poller(FreshBooksLists(INVOICE), two).run_pass()

    assert one.events[0].id == two.events[0].id


def resumed(lists: FreshBooksLists, produced: EventLog, told: Told) -> Poller:
    async def recall() -> Told:
        return told

    return replace(a_poller(lists, produced), recall=recall)


async def test_a_poller_that_was_away_asks_from_the_first_finding_that_the_log_tells_of() -> None:
    lists = FreshBooksLists(INVOICE)
    poller = resumed(lists, EventLog(), Told(first=NOON - timedelta(days=9)))

    await poller.run_pass()
    await poller.run_pass()

    assert (lists.asked[0], lists.asked[-1]) == (date(2026, 11, 12), date(2026, 11, 21))


async def test_what_an_earlier_poller_told_is_not_said_again_but_its_next_change_is() -> None:
    earlier, produced, lists = EventLog(), EventLog(), FreshBooksLists(INVOICE, CLIENT)
    await a_poller(FreshBooksLists(INVOICE), earlier).run_pass()
    poller = resumed(lists, produced, Told({it.id for it in earlier.events}, NOON))

    assert [await poller.run_pass(), await poller.run_pass()] == [1, 0]
    assert [event.object for event in produced.events] == [ObjectKind.CLIENT]

    lists.active = [Listed(ObjectKind.INVOICE, 7, "2026-11-22 08:00:00.1|0"), CLIENT]
    assert await poller.run_pass() == 1


async def test_where_the_log_tells_of_no_finding_everything_before_now_is_known() -> None:
    lists = FreshBooksLists(INVOICE)

    await resumed(lists, EventLog(), Told()).run_pass()

    assert lists.asked[0] == date(2026, 11, 21)


def test_a_pass_asks_from_the_eastern_day_before_the_last_one() -> None:
    just_after_midnight_in_london = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)

    assert first_day(just_after_midnight_in_london) == date(2026, 11, 20)
