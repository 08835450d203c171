"""Taking a partition over: loaded, claimed, mended; and what another worker may do in between."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from app.worker.stores import Rows
from streams.loop.claims import Overtaken, claim, headers_of
from streams.loop.contract import Sendable, Spot
from streams.loop.holding import Holding, take_over
from tests.fakes.broker import Broker, BrokerLog, BrokerSink

SPOT: Spot = ("changelog", 0)


class Scene:
    """One changelog, and workers that come and go."""

    def __init__(self) -> None:
        self.broker = Broker()
        self.sink = BrokerSink(self.broker)

    def holding(self) -> Holding:
        store = Rows()
        return Holding(store, store.load, SPOT)

    async def owner(self, generation: int) -> Holding:
        holding = self.holding()
        await self.over(holding, generation)
        return holding

    async def over(self, holding: Holding, generation: int) -> None:
        log = BrokerLog(self.broker, [holding], lambda: asyncio.sleep(0))
        await take_over([holding], log, self.sink, generation)

    def late(self, value: bytes | None, epoch: int, key: bytes = b"k") -> None:
        self.broker.append(SPOT, [(key, value, headers_of(epoch))])

    async def writes(self, holding: Holding, value: bytes, key: bytes = b"k") -> None:
        holding.journal[key] = value
        changes = holding.journal.take()
        ends = await (await self.sink.post({SPOT: changes}))
        holding.journal.settled(ends[SPOT], len(changes))


@dataclass
class Slow(BrokerLog):
    """Lets something happen right after the first reading: before the claim."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def read(self, until: Mapping[Spot, int]) -> None:
        await super().read(until)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()


async def overtaken(scene: Scene, loader: Holding, generation: int, other: int) -> None:
    """Let `loader` take over, while another worker does so between its reading and its claim."""
    log = Slow(scene.broker, [loader], lambda: asyncio.sleep(0), lambda: scene.owner(other))
    await take_over([loader], log, scene.sink, generation)


def compacted(log: Sequence[Sendable]) -> list[Sendable]:
    last = {key: at for at, (key, _, _) in enumerate(log)}
    return [log[at] for at in sorted(last.values())]


async def test_each_owner_has_a_higher_epoch_than_the_one_before() -> None:
    scene = Scene()

    epochs = [(await scene.owner(generation)).journal.epoch for generation in (4, 9, 10)]

    assert epochs == [4, 9, 10]


async def test_the_epoch_rises_although_the_group_was_lost_and_counts_anew() -> None:
    scene = Scene()

    epochs = [(await scene.owner(generation)).journal.epoch for generation in (40, 1, 2, 1)]

    assert epochs == [40, 41, 42, 43]


async def test_what_lands_before_the_claim_is_loaded() -> None:
    scene = Scene()
    first = await scene.owner(1)
    await scene.writes(first, b"known")
    second = scene.holding()

    async def a_last_word() -> None:
        scene.late(b"just in time", epoch=1)

    log = Slow(scene.broker, [second], lambda: asyncio.sleep(0), a_last_word)
    await take_over([second], log, scene.sink, 2)

    assert dict(second.store) == {b"k": b"just in time"}


async def test_a_late_record_is_ignored_and_its_keys_are_written_right_once_more() -> None:
    scene = Scene()
    await scene.owner(1)
    owner = await scene.owner(2)
    await scene.writes(owner, b"right")
    scene.late(b"late", epoch=1)
    scene.late(b"never was", epoch=1, key=b"l")

    heir = await scene.owner(3)

    assert dict(heir.store) == {b"k": b"right"}
    mended = scene.broker.logs[SPOT][-2:]
    assert mended == [(b"k", b"right", headers_of(3)), (b"l", None, headers_of(3))]
    assert heir.journal.end == len(scene.broker.logs[SPOT]) - 1


async def test_what_was_mended_survives_compaction_and_is_not_mended_again() -> None:
    scene = Scene()
    await scene.owner(1)
    owner = await scene.owner(2)
    await scene.writes(owner, b"right")
    scene.late(b"late", epoch=1)
    await scene.owner(3)
    scene.broker.logs[SPOT] = compacted(scene.broker.logs[SPOT])
    before = len(scene.broker.logs[SPOT])

    heir = await scene.owner(4)

    assert dict(heir.store) == {b"k": b"right"}
    assert len(scene.broker.logs[SPOT]) == before + 1


async def test_an_owner_notices_a_late_record_before_it_acknowledges_the_next_window() -> None:
    scene = Scene()
    owner = await scene.owner(2)
    await scene.writes(owner, b"right")

    scene.late(b"late", epoch=1)

    with pytest.raises(Overtaken):
        await scene.writes(owner, b"more")


async def test_a_kept_partition_is_claimed_anew_and_mended_from_where_it_stood() -> None:
    scene = Scene()
    owner = await scene.owner(2)
    await scene.writes(owner, b"right")
    scene.late(b"late", epoch=1)

    await scene.over(owner, 3)
    await scene.writes(owner, b"more")

    assert dict(owner.store) == {b"k": b"more"}
    assert owner.journal.epoch == 3


async def test_a_loader_that_was_overtaken_sees_that_its_claim_does_not_count() -> None:
    scene = Scene()

    with pytest.raises(Overtaken, match="epoch 1 belongs to another worker"):
        await overtaken(scene, scene.holding(), generation=1, other=2)


async def test_of_two_claims_with_the_same_epoch_the_first_counts() -> None:
    scene = Scene()
    await scene.owner(40)

    with pytest.raises(Overtaken, match="epoch 41 belongs to another worker"):
        await overtaken(scene, scene.holding(), generation=1, other=2)


async def test_a_loader_that_usurps_has_all_that_the_rightful_owner_acknowledged() -> None:
    scene = Scene()
    rightful = await scene.owner(2)
    await scene.writes(rightful, b"acknowledged")

    usurper = await scene.owner(
        1
    )  # frozen since generation 1, it wakes late enough to read the other's claim

    assert dict(usurper.store) == {b"k": b"acknowledged"}
    with pytest.raises(Overtaken):
        await scene.writes(rightful, b"not acknowledged")


async def test_a_claim_is_no_tombstone_which_would_vanish() -> None:
    key, value, headers = claim(7)

    assert key
    assert value
    assert dict(headers)["epoch"] == b"\x07"
