"""Discarding dead letters: a person says that nothing needs to come of them, and why."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.deadletters.archive import fetched
from app.deadletters.said import By, said
from app.kafka.producer import PATIENCE, produce, producing
from app.view.letters import Letter
from streams.codec import encode, readable
from streams.domain.audit import Verdict
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Misconfigured, Unreachable
from streams.loop.envelope import headers
from streams.topics import COMMANDS


class GoneFromKafka(Misconfigured):
    """The bytes of a row's letter are gone, and without them deliver cannot be told which row it is."""

    code = "dead-letter-gone"
    mend = (
        "`freshforce replay preview NAME`, then apply it: the row is tried once more, what waits goes on when"
        " it passes, and it gets a new letter when it does not"
    )


async def discard(options: Mapping[str, Any], told: Sequence[Letter], by: By) -> None:
    """Say that the letters are done with, and let go of what waits behind them.

    They stay in Kafka, and may be tried again still. A row goes back to its partition as a waived command:
    deliver, which alone knows what waits behind it, reads it in its turn.

    Raises:
        GoneFromKafka: what waits behind one of them could not be let go; nothing was done.
        Unreachable: Kafka did not take everything; doing it again does no harm.
    """
    rows = [letter for letter in told if letter.place.topic == COMMANDS.name]
    kept = await fetched(options, rows) if rows else {}
    if gone := [it.id for it in rows if it.id not in kept and _holds_back(it)]:
        message = f"no longer in Kafka: {', '.join(gone)}; nothing was done"
        raise GoneFromKafka(message)
    async with producing(options) as producer:
        try:
            async with asyncio.timeout(PATIENCE):
                await _send(producer, [kept[letter.id] for letter in rows if letter.id in kept])
        except (KafkaError, TimeoutError) as error:
            api, why = "Kafka", type(error).__name__
            raise Unreachable(api, why) from None
        await produce(producer, [said(letter, Verdict.DISCARDED, by) for letter in told])


def waived(letter: DeadLetter) -> Command | None:
    """Return what tells deliver that the row of a letter is done with; None when its bytes are no command."""
    command = readable(Command, letter.original)
    return None if command is None else command.model_copy(update={"waived": True})


def _holds_back(letter: Letter) -> bool:
    """Tell whether something may wait for what is done about a letter: it is open, and its row's newest."""
    return letter.closed is None and not letter.newer


async def _send(producer: AIOKafkaProducer, letters: Sequence[DeadLetter]) -> None:
    sent = []
    for letter in letters:
        if (command := waived(letter)) is not None:
            place, value = letter.place, encode(command)
            at = {"partition": place.partition, "headers": headers(command)}
            sent.append(await producer.send(place.topic, value, letter.original_key, **at))
    await asyncio.gather(*sent)
