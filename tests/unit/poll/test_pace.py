"""A backfill keeps close ahead of the workers, so that live webhooks wait no longer than said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.freshbooks.client import Listed
from app.kafka.failures import KafkaAway
from app.poll.backfill import Backfill, Done
from app.poll.pace import PAUSE, STILL, Pace, Unread, Waiting
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, ObjectKind
from tests.fakes.freshbooks_lists import FreshBooksLists

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Workers:
    """Workers that do so much in each pause, and what waits for them."""

    each_pause: int = 10
    waiting: int = 0
    at_salesforce: int = 0
    aside: int = 0
    """Pauses that a vendor keeps the connection waiting."""
    away: int = 0
    """Looks that Kafka does not answer."""
    deepest: int = 0
    said: list[Waiting | None] = field(default_factory=list)
    written: list[Event] = field(default_factory=list)

    async def look(self) -> Unread:
        self.away -= 1
        if self.away >= 0:
            raise KafkaAway("GroupCoordinatorNotAvailableError")  # noqa: EM101 - as Kafka names it
        return Unread(self.waiting, 0, self.at_salesforce, aside=self.aside > 0)

    async def sleep(self, _seconds: float) -> None:
        self.aside -= 1
        self.waiting = max(0, self.waiting - self.each_pause)
        self.at_salesforce = max(0, self.at_salesforce - self.each_pause)

    async def produce(self, events: Sequence[Event]) -> None:
        self.written += events
        self.waiting += len(events)
        self.deepest = max(self.deepest, self.waiting)

    def pace(self, most: int) -> Pace:
        return Pace(most, self.look, self.sleep, self.said.append)

    async def backfill(self, count: int, most: int = 100) -> Done:
        lists = FreshBooksLists(*(Listed(ObjectKind.INVOICE, it, "x 0") for it in range(1, count + 1)))
        known = {it.id for it in self.written}
        name, pace = ConnectionName("acme"), self.pace(most) if most else None
        return await Backfill(name, lists, self.produce, lambda: NOON, known, None, abs, pace).run()

    @property
    def reasons(self) -> list[str]:
        return [it.why for it in self.said if it]


async def test_a_backfill_is_never_further_ahead_of_the_workers_than_it_may_be() -> None:
    workers = Workers()

    assert await workers.backfill(2_000) == Done(2_000, 2_000)

    assert workers.deepest == 100
    assert workers.reasons[0] == "for the workers: 100 messages unread, goes on at 50"


async def test_it_goes_on_when_half_is_done_not_with_every_message() -> None:
    workers = Workers(each_pause=1)

    await workers.backfill(150)

    assert [it.unread.all for it in workers.said if it and it.unread][:2] == [100, 99]
    assert workers.said.count(None) == 1


async def test_what_webhooks_bring_counts_too() -> None:
    workers = Workers(waiting=90)

    await workers.backfill(50)

    assert (workers.reasons[0], workers.deepest) == (
        "for the workers: 90 messages unread, goes on at 50",
        100,
    )


async def test_it_waits_while_the_share_of_salesforces_calls_is_used_up() -> None:
    workers = Workers(at_salesforce=500, each_pause=50)

    await workers.backfill(1)

    assert workers.reasons[0] == "for Salesforce: 500 rows on their way, goes on at 50"
    assert len(workers.reasons) == 9


async def test_it_waits_while_a_vendor_keeps_the_connection_aside() -> None:
    workers = Workers(aside=3)

    await workers.backfill(1)

    assert len(workers.reasons) == 3
    assert workers.reasons[0].startswith("a vendor keeps the connection waiting")


async def test_where_no_worker_moves_it_says_so() -> None:
    workers = Workers(waiting=200, each_pause=0)
    looks = round(STILL / PAUSE) + 2

    async def sleep(seconds: float) -> None:
        workers.each_pause = 0 if len(workers.said) < looks else 200
        await Workers.sleep(workers, seconds)

    await Pace(100, workers.look, sleep, workers.said.append).room_for(50)

    assert "no worker moves" not in workers.reasons[0]
    assert workers.reasons[-1].startswith("no worker moves: 200 messages unread. Is one running")


async def test_a_kafka_that_does_not_tell_for_a_while_is_asked_again_and_ends_nothing() -> None:
    workers = Workers(away=3)

    assert await workers.backfill(150) == Done(150, 150)

    assert (
        workers.reasons[:3]
        == ["for Kafka: it does not say how far the workers are; asked again and again"] * 3
    )
    assert workers.deepest <= 100


async def test_nobody_waits_where_that_is_wished() -> None:
    workers = Workers(waiting=10_000)

    await workers.backfill(2_000, most=0)

    assert (workers.said, workers.deepest) == ([], 12_000)


async def test_one_that_was_stopped_while_it_waited_writes_the_rest_when_it_is_run_again() -> None:
    workers = Workers()
    await workers.backfill(120)

    assert await workers.backfill(300) == Done(300, 180)


@pytest.mark.parametrize(("seconds", "rate", "most"), [(20, 5, 100), (20, 0.1, 20), (3, 100, 300)])
def test_seconds_ahead_are_as_many_messages_as_are_read_in_them(
    seconds: float, rate: float, most: int
) -> None:
    assert Pace.most_of(seconds, rate) == most
