"""Read back from Kafka what became of every event, and find those whose story does not end, or ends twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaConsumer

from app.kafka.inventory import spots
from streams.topics import AUDIT, COMMANDS, DEADLETTERS, EVENTS, RECORDS

Json = dict[str, Any]
WAITS: Final = frozenset({"parked", "released"})
"""Said on the way; no end."""


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything that Kafka holds, in the order of its partitions."""

    events: list[Json]
    records: list[Json]
    commands: list[Json]
    audit: list[Json]
    dead_letters: list[Json]


async def trail(bootstrap: str) -> Trail:
    """Read all five topics to their present ends."""
    topics = (EVENTS, RECORDS, COMMANDS, AUDIT, DEADLETTERS)
    return Trail(*[await _everything(bootstrap, topic.name) for topic in topics])


@dataclass(frozen=True, slots=True)
class Endings:
    """What is wrong with the ends of messages; the text of each tells which message."""

    open: list[str]
    """Messages of which nothing was ever said."""
    twice: list[str]
    """Messages with two different ends."""
    verdicts: Counter[str]
    """Step and verdict, repeats counted once."""


def endings(trail: Trail) -> Endings:
    """Follow every event to its records, every record to its commands, every command to its end."""
    said, verdicts = _said(trail.audit)
    open_: list[str] = []
    twice: list[str] = []
    for step, messages in (
        ("fetch", trail.events),
        ("translate", trail.records),
        ("deliver", trail.commands),
    ):
        for name in dict.fromkeys(message["id"] for message in messages):
            ends = said.get((step, name), frozenset[str]())
            if not ends:
                open_.append(f"{step} {name}")
            elif len(ends) > 1 and not _is_repeat(step, ends):
                twice.append(f"{step} {name}: {', '.join(sorted(ends))}")
    return Endings(open_, twice, verdicts)


def _is_repeat(step: str, ends: frozenset[str]) -> bool:
    """Tell whether a record was handled again after a crash, when the books already held a newer one.

    Its commands of the first time were written and have their own ends.
    """
    return step == "translate" and ends == {"translated", "superseded"}


def _said(audit: Iterable[Json]) -> tuple[Mapping[tuple[str, str], frozenset[str]], Counter[str]]:
    """Return what was said of each message; of entries with one id the first counts."""
    first = {entry["id"]: entry for entry in reversed([*audit])}
    ends: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in first.values():
        if entry["verdict"] not in WAITS:
            ends[entry["step"], entry["cause"]].add(entry["verdict"])
    verdicts = Counter(f"{entry['step']}:{entry['verdict']}" for entry in first.values())
    return {key: frozenset(value) for key, value in ends.items()}, verdicts


async def _everything(bootstrap: str, topic: str) -> list[Json]:
    options = {"bootstrap_servers": bootstrap}
    consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", max_poll_records=5_000)
    await consumer.start()
    try:
        everywhere = await spots(options, topic)
        consumer.assign(everywhere)
        ends = await consumer.end_offsets(everywhere)
        found: list[Json] = []
        while [spot for spot in everywhere if await consumer.position(spot) < ends[spot]]:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [orjson.loads(record.value) for record in batch]
        return found
    finally:
        await consumer.stop()
