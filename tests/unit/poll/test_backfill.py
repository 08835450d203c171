"""History goes into the log once, parents first, however often it is begun."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from app.freshbooks.client import Listed
from app.poll.backfill import Backfill, Done, Forecast, Shelf, forecast
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, EventId, ObjectKind
from tests.fakes.freshbooks_lists import FreshBooksLists

ACME = ConnectionName("acme")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLIENT, INVOICE, PAYMENT = (Listed(kind, 7, "2026-01-02 07:00:00 0") for kind in ObjectKind)
DELETED = Listed(ObjectKind.INVOICE, 8, "2026-01-02 07:00:00 1")


class Log:
    """Events that reached Kafka; after `room` of them it is away."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.events: list[Event] = []
        self.room = room

    async def __call__(self, events: Sequence[Event]) -> None:
        if len(self.events) + len(events) > self.room:
            raise ConnectionError
        self.events += events

    @property
    def ids(self) -> set[EventId]:
        return {event.id for event in self.events}


async def run(lists: FreshBooksLists, log: Log, seen: Callable[[int], object] = abs) -> Done:
    return await Backfill(ACME, lists, log, lambda: NOON, log.ids, None, seen).run()


async def test_parents_come_first_and_deleted_objects_are_history_too() -> None:
    log, seen = Log(), list[int]()

    done = await run(FreshBooksLists(PAYMENT, INVOICE, CLIENT, deleted=[DELETED]), log, seen.append)

    assert [(it.object, it.object_id) for it in log.events] == [
        (ObjectKind.CLIENT, 7),
        (ObjectKind.INVOICE, 7),
        (ObjectKind.INVOICE, 8),
        (ObjectKind.PAYMENT, 7),
    ]
    assert (done, seen) == (Done(listed=4, written=4), [1, 2, 3, 4])


async def test_what_the_log_has_in_that_version_is_left_out_and_a_newer_version_is_not() -> None:
    log = Log()
    await run(FreshBooksLists(CLIENT, INVOICE), log)
    newer = Listed(ObjectKind.INVOICE, 7, "2026-03-04 07:00:00 0")

    assert await run(FreshBooksLists(CLIENT, INVOICE), log) == Done(listed=2, written=0)
    assert await run(FreshBooksLists(CLIENT, newer), log) == Done(listed=2, written=1)


async def test_one_that_was_stopped_writes_the_rest_when_it_is_run_again() -> None:
    """Nothing but the log remembers how far it was, so another machine may go on."""
    lists = FreshBooksLists(*(Listed(ObjectKind.INVOICE, number, "x 0") for number in range(1, 1_201)))
    log = Log(room=700)
    with pytest.raises(ConnectionError):
        await run(lists, log)
    assert len(log.events) == 500

    log.room = 1_200

    assert await run(lists, log) == Done(listed=1_200, written=700)
    assert len(log.ids) == len(log.events) == 1_200


async def test_the_forecast_counts_each_list_and_writes_nothing() -> None:
    found = await forecast(FreshBooksLists(CLIENT, INVOICE, PAYMENT, deleted=[DELETED]), ACME, None)

    assert found.kinds == {ObjectKind.CLIENT: 1, ObjectKind.INVOICE: 2, ObjectKind.PAYMENT: 1}
    assert found.objects == 4


@pytest.mark.parametrize(
    ("clients", "invoices", "payments", "calls"),
    [(0, 0, 0, 0), (1, 0, 0, 2), (200, 200, 999, 3), (201, 200, 0, 5), (0, 401, 0, 3)],
)
def test_a_call_carries_two_hundred_rows_of_one_kind(
    clients: int, invoices: int, payments: int, calls: int
) -> None:
    counts = {ObjectKind.CLIENT: clients, ObjectKind.INVOICE: invoices, ObjectKind.PAYMENT: payments}

    assert Forecast({Shelf(kind, deleted=False): count for kind, count in counts.items()}).calls == calls
