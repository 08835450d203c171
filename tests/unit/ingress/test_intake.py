"""The intake against a fake Kafka, in virtual time: what is told is true, whatever Kafka does."""

import asyncio
from collections.abc import Awaitable, Callable

from app.ingress.intake import TOPICS, Intake
from app.ingress.producer import LiveProducer
from app.ingress.tally import Tally
from app.kafka.partition import partition_of
from streams.codec import decode, encode
from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, ObjectKind
from streams.topics import EVENTS
from tests.builders.webhooks import NOW
from tests.fakes.kafka_producer import FakeBroker, FakeProducer, Spot
from tests.fakes.virtual_time import simulate

PARTITIONS = 4
ALL = {(EVENTS.name, n) for n in range(PARTITIONS)}


def an_event(number: int, object_id: int | None = None) -> Event:
    return Event(
        id=EventId(f"{number:032x}"),
        connection=ConnectionName("acme"),
        object=ObjectKind.INVOICE,
        object_id=object_id or number + 1,
        action="update",
        source=EventSource.WEBHOOK,
        received_at=NOW,
    )


def spot_of(event: Event) -> Spot:
    return EVENTS.name, partition_of(event.key.encode(), PARTITIONS)


class House:
    """An intake and the broker it talks to."""

    def __init__(self) -> None:
        self.broker = FakeBroker()
        self.made: list[FakeProducer] = []
        self.tally = Tally()
        producer = LiveProducer(self._make, FakeProducer.stop, TOPICS, self.tally)
        self.intake = Intake(producer, PARTITIONS)
        self.loop = asyncio.get_running_loop()

    def _make(self) -> FakeProducer:
        self.made.append(self.broker.producer())
        return self.made[-1]

    def kept(self) -> set[int]:
        logs = [log for (topic, _), log in self.broker.log.items() if topic == EVENTS.name]
        return {int(decode(Event, raw).id, 16) for log in logs for raw in log}

    async def until_open(self) -> float:
        began = self.loop.time()
        while not self.intake.open:  # noqa: ASYNC110  # virtual time
            await asyncio.sleep(0.01)
        return self.loop.time() - began


Story = Callable[[House], Awaitable[None]]


def told(story: Story) -> None:
    async def whole() -> None:
        house = House()
        house.intake.start()
        await house.until_open()
        await story(house)
        await house.intake.stop()

    simulate(whole())


def test_true_is_told_only_when_kafka_has_acknowledged() -> None:
    async def story(house: House) -> None:
        kept = house.intake.put(an_event(1))
        await asyncio.sleep(0.004)
        assert not kept.done()
        assert await kept
        assert house.kept() == {1}
        assert house.intake.waiting == 0

    told(story)


def test_a_thousand_at_once_leave_in_one_batch_per_partition() -> None:
    async def story(house: House) -> None:
        kept = await asyncio.gather(*(house.intake.put(an_event(n)) for n in range(1_000)))

        assert all(kept)
        assert house.kept() == set(range(1_000))
        assert len(house.broker.batches) == PARTITIONS

    told(story)


def test_what_fits_no_batch_leaves_in_several_in_order() -> None:
    async def story(house: House) -> None:
        house.broker.room = 7
        events = [an_event(n, object_id=5) for n in range(100)]
        await asyncio.gather(*map(house.intake.put, events))

        assert house.broker.log[spot_of(events[0])] == [encode(event) for event in events]
        assert len(house.broker.batches) == 15

    told(story)


def test_events_of_one_object_are_kept_in_the_order_they_came() -> None:
    async def story(house: House) -> None:
        events = [an_event(n, object_id=5) for n in range(200)]
        kept = []
        for event in events:
            kept.append(house.intake.put(event))
            await asyncio.sleep(0.0007)
        await asyncio.gather(*kept)

        assert house.broker.log[spot_of(events[0])] == [encode(event) for event in events]

    told(story)


def test_a_silent_kafka_is_noticed_within_2_s_and_back_within_1_s_of_its_return() -> None:
    async def story(house: House) -> None:
        house.broker.silent = set(ALL)
        began = house.loop.time()
        assert not await house.intake.put(an_event(1))
        assert house.loop.time() - began <= 2
        at_once = house.intake.put(an_event(2, object_id=2))
        assert at_once.done()
        assert not at_once.result()

        house.broker.silent = set()
        assert await house.until_open() < 1
        assert await house.intake.put(an_event(3))
        assert house.kept() == {1, 3}, "1 was not sure, and arrived after all: a repeat does no harm"

    told(story)


def test_a_silent_partition_does_not_stop_the_others() -> None:
    async def story(house: House) -> None:
        slow, quick = an_event(1), an_event(2)
        while spot_of(quick) == spot_of(slow):
            quick = an_event(int(quick.id, 16) + 1)
        house.broker.silent = {spot_of(slow)}
        stuck = house.intake.put(slow)
        await asyncio.sleep(0.003)

        for _ in range(30):
            began = house.loop.time()
            assert await house.intake.put(quick)
            assert house.loop.time() - began < 0.1
            await asyncio.sleep(0.1)
        assert not stuck.result()

    told(story)


def test_a_producer_that_failed_for_good_is_replaced_and_nothing_was_promised() -> None:
    async def story(house: House) -> None:
        house.made[0].fatal = True
        assert not await house.intake.put(an_event(1))
        assert not house.intake.open

        assert await house.until_open() < 1
        assert await house.intake.put(an_event(2))
        assert house.made[0].stopped
        assert (house.kept(), house.tally.rebuilt) == ({2}, 1)

    told(story)


def test_a_producer_that_never_answers_again_is_replaced() -> None:
    async def story(house: House) -> None:
        house.broker.deaf = True
        assert not await house.intake.put(an_event(1))
        await asyncio.sleep(25)
        house.broker.deaf = False

        assert house.tally.rebuilt == 1
        assert await house.intake.put(an_event(2))

    told(story)


def test_while_kafka_cannot_be_found_nothing_is_taken_and_it_is_sought_again() -> None:
    async def story(house: House) -> None:
        house.broker.down = True
        house.made[0].fatal = True
        assert not await house.intake.put(an_event(1))
        await asyncio.sleep(10)
        assert not await house.intake.put(an_event(2))

        house.broker.down = False
        assert await house.until_open() <= 1
        assert 10 <= house.broker.starts <= 30
        assert all(producer.stopped for producer in house.made[:-1])

    told(story)


def test_too_many_waiting_are_refused_and_memory_stays_bounded() -> None:
    async def story(house: House) -> None:
        kept = [house.intake.put(an_event(n)) for n in range(25_000)]

        refused = [each for each in kept if each.done()]
        assert (len(refused), house.intake.waiting) == (5_000, 20_000)
        assert not any(each.result() for each in refused)
        assert sum(await asyncio.gather(*kept)) == 20_000
        assert house.intake.waiting == 0

    told(story)


def test_stopping_waits_for_what_was_taken() -> None:
    async def story(house: House) -> None:
        house.broker.takes = 1.0
        kept = [house.intake.put(an_event(n)) for n in range(10)]
        await house.intake.drain(8)

        assert all(each.result() for each in kept)
        assert house.kept() == set(range(10))

    told(story)


def test_stopping_does_not_wait_for_ever() -> None:
    async def story(house: House) -> None:
        house.broker.silent = set(ALL)
        kept = house.intake.put(an_event(1))
        began = house.loop.time()
        await house.intake.drain(0.5)
        await house.intake.stop()

        assert house.loop.time() - began < 1
        assert not kept.result()

    told(story)


def test_a_waiter_that_gives_up_takes_nobody_with_it() -> None:
    async def story(house: House) -> None:
        first, second = house.intake.put(an_event(1)), house.intake.put(an_event(2))
        first.cancel()

        assert await second

    told(story)
