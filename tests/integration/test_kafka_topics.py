"""Our topics on a real broker: made once, refused when they are something else; offsets checked."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete

from app.kafka.embedded import single
from app.kafka.failures import GroupAlive, OffsetOutOfRange, TopicRefused, TopicsDisagree
from app.kafka.inventory import administering, await_leaders, existing
from app.kafka.offsets import check_offsets, clamp_offsets, standings
from app.kafka.producer import make_producer
from app.kafka.topics import create, wanted
from app.settings import Settings, load


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An installation of its own: our topics' names are fixed, and this module plays with them."""
    home = tmp_path_factory.mktemp("topics")
    yield load(home=home, kafka=single.start(home / "kafka"), replication=1, min_insync=1)
    single.stop(home / "kafka")


@pytest.fixture
def options(settings: Settings) -> dict[str, Any]:
    return {"bootstrap_servers": settings.kafka}


async def test_more_copies_than_brokers_are_refused_with_the_mend(
    settings: Settings, options: dict[str, Any]
) -> None:
    async with administering(options) as admin:
        with pytest.raises(TopicRefused) as refused:
            await create(admin, settings.model_copy(update={"replication": 3}))

    assert "InvalidReplicationFactor" in str(refused.value)
    assert "FRESHFORCE_REPLICATION" in refused.value.mend


async def test_topics_are_made_as_declared_and_a_repeat_makes_none(
    settings: Settings, options: dict[str, Any]
) -> None:
    async with administering(options) as admin:
        made = await create(admin, settings)
        again = await create(admin, settings)
        found = await existing(admin, made)

    assert set(made) == {topic.name for topic in wanted(settings)}
    assert again == ()
    assert {topic.partitions for topic in found.values()} == {4}
    assert found["freshforce.grants"].cleanup == "compact"
    assert found["freshforce.records"].cleanup == "delete"


async def test_two_installations_that_create_at_once_do_not_quarrel(
    settings: Settings, options: dict[str, Any]
) -> None:
    async with administering(options) as one, administering(options) as other:
        await asyncio.gather(create(one, settings), create(other, settings))


async def test_another_number_of_partitions_is_refused(settings: Settings, options: dict[str, Any]) -> None:
    async with administering(options) as admin:
        await create(admin, settings)

        with pytest.raises(TopicsDisagree, match=r"freshforce\.events has 4 partitions"):
            await create(admin, settings.model_copy(update={"partitions": 5}))


@pytest.fixture
async def topic(options: dict[str, Any]) -> str:
    """A topic of one partition that holds ten messages, the first five of them deleted."""
    name = f"t-{uuid.uuid4().hex}"  # noqa: TID251 - a test names its own topic
    async with administering(options) as admin:
        await admin.create_topics([NewTopic(name, 1, 1)])
        await await_leaders(admin, [name])
        producer = make_producer(options)
        await producer.start()
        for number in range(10):
            await producer.send_and_wait(name, str(number).encode(), partition=0)
        await producer.stop()
        await admin.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=5)})
    return name


async def _commit(options: dict[str, Any], group: str, topic: str, offset: int) -> None:
    consumer = AIOKafkaConsumer(**options, group_id=group, enable_auto_commit=False)
    await consumer.start()
    spot = TopicPartition(topic, 0)
    consumer.assign([spot])
    await consumer.commit({spot: offset})
    await consumer.stop()


@pytest.mark.parametrize("offset", [5, 10])
async def test_a_group_inside_the_log_may_start(options: dict[str, Any], topic: str, offset: int) -> None:
    await _commit(options, f"g-{topic}", topic, offset)

    await check_offsets(options, f"g-{topic}", [topic])

    (standing,) = await standings(options, f"g-{topic}", [topic])
    assert (standing.committed, standing.first, standing.end) == (offset, 5, 10)


async def test_a_new_group_may_start(options: dict[str, Any], topic: str) -> None:
    await check_offsets(options, "never-seen", [topic])


@pytest.mark.parametrize(("offset", "goal"), [(3, 5), (11, 10)])
async def test_a_group_outside_the_log_is_refused_until_it_is_clamped(
    options: dict[str, Any], topic: str, offset: int, goal: int
) -> None:
    group = f"g-{topic}"
    await _commit(options, group, topic, offset)

    with pytest.raises(OffsetOutOfRange, match=rf"at {offset} of {topic} partition 0.* holds 5 to 10"):
        await check_offsets(options, group, [topic])

    (moved,) = await clamp_offsets(options, group, [topic])
    (standing,) = await standings(options, group, [topic])
    assert (moved.clamped, standing.committed) == (goal, goal)
    await check_offsets(options, group, [topic])


async def test_offsets_of_a_group_that_lives_are_never_moved(options: dict[str, Any], topic: str) -> None:
    group = f"g-{topic}"
    await _commit(options, group, topic, 3)
    member = AIOKafkaConsumer(topic, **options, group_id=group, enable_auto_commit=False)
    await member.start()
    try:
        with pytest.raises(GroupAlive):
            await clamp_offsets(options, group, [topic])
    finally:
        await member.stop()

    (standing,) = await standings(options, group, [topic])
    assert standing.committed == 3
