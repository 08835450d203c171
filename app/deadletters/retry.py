"""Putting dead letters back: the original bytes, on their topic, under their key, where they stood."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.kafka.producer import PATIENCE, produce, producing
from app.view.letters import Letter
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Undecodable, Unreachable
from streams.domain.identity import AuditId, ConnectionName, ObjectKind, digest
from streams.domain.message import Value
from streams.loop.envelope import Headers, headers
from streams.loop.reading import reader
from streams.topics import TOPICS

RETRY_OF = "retryof"
"""Header of a message that was put back: the id of its dead letter."""


@dataclass(frozen=True, slots=True)
class Again:
    """A dead letter that is to be tried again."""

    told: Letter
    letter: DeadLetter

    @property
    def message(self) -> Value | None:
        """The message, where its bytes can be read."""
        topic = next(it for it in TOPICS if it.name == self.letter.place.topic)
        try:
            return reader(topic)(self.letter.original)
        except Undecodable:
            return None


async def put_back(options: Mapping[str, Any], again: Sequence[Again], at: datetime) -> None:
    """Put the originals back and say so in the audit; return when Kafka has acknowledged all of it.

    They go to the partition they came from, where the tables of their step are. What has overtaken one
    in the meantime stands: a step drops what is older than what it knows.

    Raises:
        Unreachable: Kafka did not take everything; doing it again does no harm.
    """
    async with producing(options) as producer:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*[await _send(producer, each.letter, each.message) for each in again])
        except (KafkaError, TimeoutError) as error:
            api, why = "Kafka", type(error).__name__
            raise Unreachable(api, why) from None
        await produce(producer, [said(each, at) for each in again])


async def _send(
    producer: AIOKafkaProducer, letter: DeadLetter, message: Value | None
) -> "asyncio.Future[Any]":
    place = letter.place
    sent: asyncio.Future[Any] = await producer.send(
        place.topic,
        letter.original,
        letter.original_key,
        partition=place.partition,
        headers=_headers(letter, message),
    )
    return sent


def _headers(letter: DeadLetter, message: Value | None) -> Headers:
    """Return the headers that the message had, as far as it can be read, and whose retry it is."""
    own = headers(message) if message is not None else []
    return [*own, (RETRY_OF, letter.id.encode())]


def said(again: Again, at: datetime) -> AuditEntry:
    """Return the audit entry of one retry: each is an act of its own."""
    told, entry = again.told, again.told.entry
    kind = entry.get("object")
    return AuditEntry(
        id=AuditId(digest("audit", Step.COMMAND_LINE.value, "retried", told.id, at.isoformat())),
        connection=ConnectionName(told.connection),
        client=entry.get("client"),
        step=Step.COMMAND_LINE,
        verdict=Verdict.RELEASED,
        cause=told.id,
        caused=tuple(filter(None, [getattr(again.message, "id", None)])),
        object=None if kind is None else ObjectKind(kind),
        object_id=entry.get("object_id"),
        rule="a person had the dead letter tried again",
        details={"code": told.code, "topic": told.place.topic, "step": told.step},
    )
