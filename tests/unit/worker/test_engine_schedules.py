"""Rebalances at every moment, in the real Faust and on aiokafka's own state: all is read once, in order."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as Stock
from faust.types import TP

from app.worker import changelog
from tests.builders.engine import SOURCE, an_app
from tests.fakes.kafka_fetcher import Fetched
from tests.fakes.virtual_time import simulate

SOURCES = [TP(SOURCE.topic, partition) for partition in range(3)]


class Group:
    """A member of a group whose partitions come and go; its log has no end."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.dice, self.app = dice, an_app(folder)
        self.consumer, self.committed = self.app.consumer, dict[TP, int]()
        self.next, self.wrong = dict[TP, int](), list[str]()
        self.generation = 0
        self.calls = asyncio.Queue[tuple[asyncio.Future[Any], Callable[[], Awaitable[Any]]]]()
        self._runs_without_kafka()

    def _runs_without_kafka(self) -> None:
        thread = self.consumer._thread
        self.reader = thread._consumer = thread._create_consumer(asyncio.get_running_loop())
        self.reader._subscription.subscribe({SOURCE.topic})
        self.reader._fetcher = self.fetched = Fetched(self.reader, asyncio.get_running_loop())
        self.reader._coordinator = self
        thread.call_thread = self.call_thread
        self.consumer.callback = self.take
        self.app._fetcher._started.set()
        self.app.tables.recovery._started.set()
        self.app.topics.maybe_wait_for_subscriptions = self.nothing
        for name in ("highwaters", "earliest_offsets"):
            setattr(thread, name, self.nothing)

    def close(self) -> None:
        """Leave nothing open that was never started."""
        self.reader._closed = True
        self.consumer._thread.thread_loop.close()

    async def nothing(self, *_: Any) -> Mapping[TP, int]:
        await self.hop()
        return {}

    async def hop(self, longest: float = 0.02) -> None:
        """Let others go on: some turns of the loop, or some time."""
        for _ in range(self.dice.choice((0, 1, 2, 3, 5, 8))):
            await asyncio.sleep(0)
        if self.dice.random() < 0.5:
            await asyncio.sleep(self.dice.uniform(0, longest))

    async def call_thread(self, call: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> Any:
        """Have something done in aiokafka's thread: once begun, it goes on though nobody waits for it."""
        done = asyncio.get_running_loop().create_future()
        self.calls.put_nowait((done, partial(call, *args, **named)))
        return await done

    async def works(self) -> None:
        """Do what is asked of the thread, call after call: Faust's queue has two who do."""
        while True:
            done, call = await self.calls.get()
            if done.cancelled():
                continue
            try:
                result = await call()
            except (AssertionError, KafkaError) as why:
                await self.hop()
                if not done.done():
                    done.set_exception(why)
            else:
                await self.hop()
                if not done.done():
                    done.set_result(result)

    async def fetch_committed_offsets(self, partitions: list[Any]) -> dict[Any, OffsetAndMetadata]:
        told = {tp: OffsetAndMetadata(self.committed[tp], "") for tp in partitions if tp in self.committed}
        await self.hop(0.1)
        return told

    async def take(self, message: Any) -> None:
        """Take a message, as an agent does."""
        await self.app.flow_control.acquire()
        if self.app.pumps.shut:
            return
        tp = message.tp
        due = self.next.get(tp, self.committed.get(tp, 0))
        if message.offset != due:
            self.wrong.append(f"{tp}: {message.offset} where {due} was due")
        self.next[tp] = message.offset + 1

    async def fetches(self) -> None:
        """As aiokafka does by itself: find positions, and fetch on from them."""
        while True:
            await self.hop(0.1)
            assignment = self.reader._subscription.subscription.assignment
            for tp in () if assignment is None else sorted(assignment.tps):
                state = assignment.state_value(tp)
                if not state.has_valid_position:
                    state.reset_to(self.committed.get(TP(*tp), 0))
                if tp not in self.fetched._records:
                    self.fetched.come(tp, range(state.position, state.position + self.dice.randint(1, 4)))

    async def rebalances(self) -> None:
        """Give partitions out anew, as aiokafka's coordinator does."""
        subscription, before = self.reader._subscription, self.consumer.assignment()
        subscription.begin_reassignment()
        self.app.on_rebalance_start()
        await self.hop()
        await self.consumer.on_partitions_revoked(before)
        for tp in before & set(self.next):
            if self.dice.random() < 0.7:
                self.committed[tp] = self.next[tp]
        self.next.clear()
        await self.hop(0.3)
        mine = {tp for tp in SOURCES if self.dice.random() < 0.7}
        self.generation += 1
        subscription.assign_from_subscribed({TopicPartition(*tp) for tp in mine})
        await self.hop()
        self.app.consumer_generation_id = self.generation
        await self.consumer.on_partitions_assigned(mine, self.generation)


async def played(folder: Path, seed: int) -> list[str]:
    """Let partitions come and go, often before the last time is over; return what went wrong."""
    dice = random.Random(seed)
    group = Group(folder, dice)
    drain = Stock._drain_messages(group.consumer, SimpleNamespace(_stopped=asyncio.Event()))
    recovery = Recovery._restart_recovery.fun(group.app.tables.recovery)
    works = (drain, recovery, group.fetches(), group.works(), group.works())
    tasks = [asyncio.create_task(work) for work in works]
    for _ in range(12):
        await group.rebalances()
        await asyncio.sleep(dice.choice((0, 0, 0.01, 0.1, 0.3, 2)))
    await asyncio.sleep(3)
    still = [f"{tp}: nothing was read" for tp in group.consumer.assignment() - set(group.next)]
    ended = [repr(task.exception()) for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    group.close()
    return group.wrong + still + ended


def test_all_is_read_once_and_in_order_whenever_partitions_come_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Faust's own fetch and seek, fifteen of these fifty lost the first messages of a partition."""

    async def loaded(*_: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(changelog, "take_over", loaded)

    wrong = {seed: simulate(played(tmp_path, seed)) for seed in range(50)}

    assert {seed: each for seed, each in wrong.items() if each} == {}
