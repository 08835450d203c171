"""What topics Kafka has, as it says itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code

from app.kafka.ending import ended
from app.kafka.failures import KafkaAway, TopicMissing

PAUSE = 0.05
LEADER_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is."""

    name: str
    partitions: int
    replication: int
    cleanup: str
    min_insync: int


@asynccontextmanager
async def administering(options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaAdminClient]:
    """Lend an admin client; `options` come from `client_options`.

    Raises:
        KafkaAway: no broker answers.
    """
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise KafkaAway(type(error).__name__) from None
    finally:
        await ended(admin.close())


async def existing(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, Found]:
    """Return those of `names` that exist, each as it is.

    All topics are asked for: a broker may make those that are asked for by name, and as it thinks best.
    One that was made a moment ago counts once every broker that is asked knows it.

    Raises:
        KafkaError: Kafka does not tell how a topic is set.
    """
    everything = await admin.describe_topics()
    there = [topic for topic in everything if topic["error_code"] == 0 and topic["topic"] in names]
    configs = await _configs(admin, [topic["topic"] for topic in there])
    return {
        topic["topic"]: Found(
            topic["topic"],
            len(topic["partitions"]),
            max(len(partition["replicas"]) for partition in topic["partitions"]),
            configs[topic["topic"]]["cleanup.policy"],
            int(configs[topic["topic"]]["min.insync.replicas"]),
        )
        for topic in there
        if topic["topic"] in configs
    }


async def spots(options: Mapping[str, Any], *names: str) -> list[TopicPartition]:
    """Return every partition of the topics `names`.

    Raises:
        KafkaAway: no broker answers.
        TopicMissing: a topic does not exist.
    """
    async with administering(options) as admin:
        found = await existing(admin, names)
    for name in names:
        if name not in found:
            raise TopicMissing(name)
    return [TopicPartition(name, number) for name in names for number in range(found[name].partitions)]


async def await_leaders(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    """Return when every partition of `names` has a leader: a new topic has none for a moment.

    Raises:
        KafkaAway: some still have none after fifteen seconds.
    """
    deadline = asyncio.get_running_loop().time() + LEADER_PATIENCE
    while lacking := [t["topic"] for t in await admin.describe_topics(list(names)) if not _is_led(t)]:
        if asyncio.get_running_loop().time() > deadline:
            message = f"{len(lacking)} topics have partitions without a leader"
            raise KafkaAway(message)
        await asyncio.sleep(PAUSE)


async def await_coordinator(admin: AIOKafkaAdminClient, group: str) -> None:
    """Return when Kafka can say who coordinates `group`; a Kafka that just started cannot for a moment.

    Raises:
        KafkaAway: it still cannot after fifteen seconds.
    """
    deadline = asyncio.get_running_loop().time() + LEADER_PATIENCE
    while True:
        try:
            await admin.find_coordinator(group)
        except KafkaError as error:
            if not error.retriable or asyncio.get_running_loop().time() > deadline:
                raise KafkaAway(type(error).__name__) from None
            await asyncio.sleep(PAUSE)
        else:
            return


def _is_led(topic: Mapping[str, Any]) -> bool:
    return topic["error_code"] == 0 and all(p["leader"] >= 0 for p in topic["partitions"])


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = dict[str, dict[str, str]]()
    for answer in await admin.describe_configs(asked):
        for code, _, _, name, entries, *_ in answer.resources:
            if code not in {0, UnknownTopicOrPartitionError.errno}:
                raise for_code(code)
            if code == 0:
                found[name] = {entry[0]: entry[1] for entry in entries}
    return found
