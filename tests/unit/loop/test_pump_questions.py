"""A step that asks the world: many questions open, their answers told in the order of reading."""

import asyncio
import random
from collections.abc import Iterator

from streams.codec import decode
from streams.domain.audit import AuditEntry
from streams.domain.errors import Refused
from streams.domain.event import Event
from streams.domain.message import Value
from streams.topics import AUDIT, DEADLETTERS
from tests.builders.pump_scene import HERE, Scene
from tests.builders.traffic import an_event, noted


async def test_answers_that_come_in_any_order_conclude_in_the_order_of_reading() -> None:
    class Asks:
        async def ask(self, event: Event) -> str:
            await asyncio.sleep(dice.random() / 50)
            return f"answer {event.id}"

        def __call__(self, event: Event, answer: str) -> Iterator[Value]:
            yield noted(event, rule=answer)

    dice = random.Random(6)
    scene = Scene(lambda _table: Asks())
    scene.send(*map(an_event, range(200)))

    await scene.run()

    rules = [decode(AuditEntry, value).rule for _, value, _ in scene.broker.topic(AUDIT.name)]
    assert rules == [f"answer {number}" for number in range(200)]
    assert scene.committed == 200


async def test_questions_are_open_at_the_same_time() -> None:
    class Asks:
        async def ask(self, event: Event) -> str:
            asked.append(event.id)
            await together.wait()
            return ""

        def __call__(self, event: Event, _answer: str) -> Iterator[Value]:
            yield noted(event)

    asked: list[str] = []
    together = asyncio.Event()
    scene = Scene(lambda _table: Asks())
    scene.send(*map(an_event, range(50)))

    scene.pump.start()
    await scene.reader.feed(scene.pump)
    await asyncio.sleep(0)
    seen_before_any_answer = [*asked]
    together.set()
    await scene.pump.drain(1)

    assert seen_before_any_answer == [str(number) for number in range(50)]
    assert scene.committed == 50


async def test_a_refusal_in_the_question_is_buried_in_its_turn() -> None:
    class Asks:
        async def ask(self, event: Event) -> None:
            if event.id == "1":
                message = "FreshBooks says no"
                raise Refused(message)
            await asyncio.sleep(0.01)

        def __call__(self, event: Event, _answer: None) -> Iterator[Value]:
            yield noted(event)

    scene = Scene(lambda _table: Asks())
    scene.send(*map(an_event, range(3)))

    await scene.run()

    assert scene.said() == ["0", "1", "2"]
    assert len(scene.broker.topic(DEADLETTERS.name)) == 1
    assert scene.committed == 3


async def test_an_adapter_that_cancels_a_question_ends_the_process_instead_of_stopping_it_silently() -> None:
    class Asks:
        def ask(self, _event: Event) -> "asyncio.Future[None]":
            question: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            question.cancel()
            return question

        def __call__(self, event: Event, _answer: None) -> Iterator[Value]:
            yield noted(event)

    scene = Scene(lambda _table: Asks())
    scene.send(an_event())

    await scene.run()

    assert "cancelled" in str(scene.killed[0])
    assert scene.committed == 0


async def test_a_drain_finishes_what_is_answered_and_forgets_what_still_waits() -> None:
    class Asks:
        async def ask(self, event: Event) -> None:
            if int(event.id) >= 3:
                try:
                    await asyncio.sleep(3600)
                finally:
                    given_up.append(event.id)

        def __call__(self, event: Event, _answer: None) -> Iterator[Value]:
            yield noted(event)

    given_up: list[str] = []
    scene = Scene(lambda _table: Asks())
    scene.send(*map(an_event, range(6)))
    scene.pump.start()
    await scene.reader.feed(scene.pump)

    await scene.pump.drain(0.05)
    await asyncio.sleep(0)
    await scene.pump.take(scene.broker.delivery(HERE, 5), lambda: scene.reader.ack(5))

    assert scene.committed == 3
    assert scene.said() == ["0", "1", "2"]
    assert given_up == ["3", "4", "5"]
    assert scene.pump.held == 0
    assert not scene.killed
