"""Putting dead letters back: the original message, on its topic, under its key, where it stood."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.deadletters.said import By, said
from app.kafka.producer import PATIENCE, produce, producing
from app.view.letters import Letter
from streams.codec import encode
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Undecodable, Unreachable
from streams.domain.event import Event
from streams.domain.message import Value
from streams.domain.record import Record
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
    instead: Command | None = None
    """What a person would have sent in its place."""
    changed: tuple[str, ...] = ()
    """The fields in which that differs."""

    @property
    def message(self) -> Value | None:
        """The message, where its bytes can be read."""
        if self.instead is not None:
            return self.instead
        topic = next(it for it in TOPICS if it.name == self.letter.place.topic)
        try:
            return reader(topic)(self.letter.original)
        except Undecodable:
            return None

    def demanded(self, at: datetime) -> Value | None:
        """Return the message as it goes back: with a demand, so that no step takes it for done already."""
        message = self.message
        if not isinstance(message, Event | Record | Command):
            return message
        return message.model_copy(update={"nonce": f"{int(at.timestamp()):010x}{self.letter.id[:6]}"})


async def put_back(options: Mapping[str, Any], again: Sequence[Again], by: By) -> None:
    """Put the messages back and say so in the audit; return when Kafka has acknowledged all of it.

    They go to the partition they came from, where the tables of their step are, and really run: though
    Salesforce holds a row's content it is sent. What has overtaken one in the meantime stands: a step drops
    what is older than what it knows. Bytes that cannot be read go back as they are.

    Raises:
        Unreachable: Kafka did not take everything; doing it again does no harm.
    """
    async with producing(options) as producer:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*[await _send(producer, each, by.at) for each in again])
        except (KafkaError, TimeoutError) as error:
            api, why = "Kafka", type(error).__name__
            raise Unreachable(api, why) from None
        await produce(producer, [told_of(each, by) for each in again])


async def _send(producer: AIOKafkaProducer, again: Again, at: datetime) -> "asyncio.Future[Any]":
    letter, message = again.letter, again.demanded(at)
    place = letter.place
    sent: asyncio.Future[Any] = await producer.send(
        place.topic,
        letter.original if message is None else encode(message),
        letter.original_key,
        partition=place.partition,
        headers=_headers(letter, message),
    )
    return sent


def _headers(letter: DeadLetter, message: Value | None) -> Headers:
    """Return the headers that the message had, as far as it can be read, and whose retry it is."""
    own = headers(message) if message is not None else []
    return [*own, (RETRY_OF, letter.id.encode())]


def told_of(again: Again, by: By) -> AuditEntry:
    """Return the audit entry of one retry. An edit names its fields; the values are in the command alone."""
    caused = tuple(filter(None, [getattr(again.message, "id", None)]))
    if again.instead is None:
        return said(again.told, Verdict.RELEASED, by, caused=caused)
    return said(again.told, Verdict.EDITED, by, caused=caused, fields=[*again.changed])
