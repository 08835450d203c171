"""Our topics in Kafka: what they should be, made when missing, refused when they are something else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from app.kafka.failures import KafkaAway, TopicRefused, TopicsDisagree
from app.kafka.inventory import Found, await_leaders, existing
from app.settings import Settings
from streams.topics import COMMANDS, DEADLETTERS, GRANT_REQUESTS, GRANTS, TABLES, TOPICS, Topic

KEPT: Final = {COMMANDS: timedelta(days=30), GRANT_REQUESTS: timedelta(days=7)}
"""How long; what is not named here is kept for ever (schemas/topics.toml says why)."""

LARGEST: Final = {DEADLETTERS: 4 << 20}
"""A dead letter holds its original in base64: a third larger than what it was."""

LATE: Final = timedelta(minutes=10)
"""How long a table's changes stay uncompacted; each hundred thousand of them cost a load half a second."""

SETTLED: Final = timedelta(days=7)
"""How long grants stay uncompacted: until then any worker that starts mends what a frozen one wrote late."""

EXISTS_ALREADY = 36
SEGMENT = 64 << 20
"""Bytes: only closed segments are compacted, and a table must stay quick to load."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]


def wanted(settings: Settings) -> Iterator[Wanted]:
    """Yield every topic of ours, the tables' changelogs included."""
    for topic in TOPICS:
        config = _compacted() if topic.compacted else _kept(topic)
        if topic is GRANTS:  # a late record must not be the last before somebody noticed it
            config |= {"min.compaction.lag.ms": str(SETTLED // timedelta(milliseconds=1))}
        yield _wanted(settings, topic.name, config)
    for table in TABLES:
        yield _wanted(settings, table.changelog, _compacted() | _late())


def _wanted(settings: Settings, name: str, config: dict[str, str]) -> Wanted:
    config |= {"min.insync.replicas": str(settings.min_insync)}
    return Wanted(name, settings.partitions, settings.replication, config)


def _compacted() -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.2",
        "segment.bytes": str(SEGMENT),
    }


def _late() -> dict[str, str]:
    """Let compaction of a table wait, by the broker's clock: a dead owner's late record must not be the last.

    The owner finds it at its next write, and so does whoever takes over; either writes the right value
    once more (streams.loop.holding). Lost is a value only if neither happens in that time.
    """
    lag = str(LATE // timedelta(milliseconds=1))
    return {"min.compaction.lag.ms": lag, "message.timestamp.type": "LogAppendTime"}


def _kept(topic: Topic) -> dict[str, str]:
    kept = KEPT.get(topic)
    config = {
        "cleanup.policy": "delete",
        "retention.bytes": "-1",
        "retention.ms": "-1" if kept is None else str(kept // timedelta(milliseconds=1)),
    }
    if topic in LARGEST:
        config["max.message.bytes"] = str(LARGEST[topic])
    return config


async def create(admin: AIOKafkaAdminClient, settings: Settings) -> tuple[str, ...]:
    """Create the topics that are missing and return their names; safe to repeat and to race.

    Raises:
        TopicsDisagree: one exists already, but not as we need it.
        TopicRefused: Kafka will not create one.
        KafkaAway: Kafka could not create one now.
    """
    all_wanted = tuple(wanted(settings))
    found = await existing(admin, [topic.name for topic in all_wanted])
    refuse_differences(all_wanted, found)
    missing = [topic for topic in all_wanted if topic.name not in found]
    if missing:
        await _create(admin, missing)
    await await_leaders(admin, [topic.name for topic in all_wanted])
    return tuple(topic.name for topic in missing)


async def _create(admin: AIOKafkaAdminClient, missing: list[Wanted]) -> None:
    new = [NewTopic(t.name, t.partitions, t.replication, topic_configs=t.config) for t in missing]
    answer = await admin.create_topics(new)
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code in {0, EXISTS_ALREADY}:
            continue
        if not error.retriable:
            raise TopicRefused(name, error.__name__)
        message = f"{name} could not be created: {error.__name__}"
        raise KafkaAway(message)


def refuse_differences(all_wanted: tuple[Wanted, ...], found: dict[str, Found]) -> None:
    """Raise when a topic that exists would break the steps: other partitions or another cleanup.

    Co-partitioned topics must agree, or a table would be asked for keys that another worker holds;
    a log that is compacted, or a table that is not, would lose or drown.
    """
    wrong = [
        line for topic in all_wanted if topic.name in found for line in _differences(topic, found[topic.name])
    ]
    if wrong:
        raise TopicsDisagree("\n".join(wrong))


def _differences(wish: Wanted, is_: Found) -> Iterator[str]:
    if is_.partitions != wish.partitions:
        yield f"{wish.name} has {is_.partitions} partitions, FRESHFORCE_PARTITIONS says {wish.partitions}"
    if is_.cleanup != wish.config["cleanup.policy"]:
        yield f"{wish.name} has cleanup.policy={is_.cleanup}, it must be {wish.config['cleanup.policy']}"
