"""Finding dead letters in their topic."""

import pytest

from app.deadletters.archive import fetched
from app.kafka import log
from app.view.letters import Letter
from streams.codec import encode
from streams.domain.errors import Unreachable
from streams.domain.identity import ObjectKind
from tests.builders.events import an_event
from tests.builders.letters import NOON, buried
from tests.fakes.kafka_letters import KafkaLetters

ONE, OTHER = (buried(an_event(ObjectKind.INVOICE, number), offset=number) for number in (7, 8))


def told(number: int = 0) -> Letter:
    letter, entry = (ONE, OTHER)[number]
    return Letter(
        id=letter.id,
        at=NOON,
        connection="acme",
        step=letter.step,
        code=letter.code,
        reason=letter.reason,
        mend=letter.mend,
        place=letter.place,
        entry=entry.model_dump(mode="json"),
    )


def stand_in(monkeypatch: pytest.MonkeyPatch, kafka: KafkaLetters) -> None:
    monkeypatch.setattr(log, "AIOKafkaConsumer", lambda **_: kafka)


async def test_what_the_topic_has_is_found_and_what_it_has_not_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in(monkeypatch, KafkaLetters(b"no letter", encode(OTHER[0])))

    found = await fetched({}, [told(0), told(1)])

    assert found == {OTHER[0].id: OTHER[0]}


async def test_a_kafka_that_falls_silent_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = KafkaLetters(encode(OTHER[0]), encode(ONE[0]), readable=1)
    stand_in(monkeypatch, kafka)

    with pytest.raises(Unreachable, match=r"no more of freshforce.deadletters came"):
        await fetched({}, [told(0)])

    assert kafka.stopped
