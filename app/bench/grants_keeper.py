"""A keeper of grants as a process of its own, to be killed: on real Kafka, against FreshBooks' HTTP."""

import asyncio
import os
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from app import telemetry
from app.freshbooks.door import open_session
from app.freshbooks.issuer import HttpIssuer
from app.kafka.client import client_options
from app.kafka.inventory import spots
from app.process.fail import die
from app.registry import Registry, open_registry
from app.settings import Settings
from app.worker.watch import Watch
from streams.codec import decode
from streams.domain.grant import RefreshAsked
from streams.domain.identity import ConnectionName
from streams.steps.keep_grants import KeepGrants
from streams.topics import GRANT_REQUESTS

LONGEST: Final = 0.7
SETTLE: Final = 1.0
"""The worker's limits divided by 25: nobody would wait for two hundred crashes at its own pace."""
SESSION: Final = 6.0


@dataclass(frozen=True, slots=True)
class Lane:
    """Which grants a keeper keeps: what a partition is to a worker."""

    home: Path
    kafka: str
    group: str
    names: tuple[ConnectionName, ...]

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        return Settings(home=self.home, kafka=self.kafka, replication=1, min_insync=1)


def main(lane: Lane, ready: Event) -> None:
    """Keep until killed; set `ready` when requests are read."""
    telemetry.configure()
    asyncio.run(_keep(lane, ready))


async def _keep(lane: Lane, ready: Event) -> None:
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(lane.settings, _now, os.urandom))
        watch = Watch(die, lambda: True, lambda: 0, SESSION)
        session = await house.enter_async_context(open_session(watch.in_time))
        issuer = HttpIssuer(
            session,
            registry.connections,
            registry.grants,
            _now,
            allow_http=True,
            longest=LONGEST,
        )
        owner = os.urandom(8).hex()
        keeper = KeepGrants(
            grants=registry.grants, issuer=issuer, owner=owner, fence=watch.in_time, settle=SETTLE
        )
        options = client_options(lane.settings)
        consumer = AIOKafkaConsumer(
            **options, group_id=lane.group, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        house.push_async_callback(consumer.stop)
        consumer.assign(await spots(options, GRANT_REQUESTS.name))
        watching = asyncio.create_task(watch.run())
        house.callback(watching.cancel)
        ready.set()
        while True:
            batches = await consumer.getmany(timeout_ms=200)
            await _handled(lane, registry, keeper, (each.value for some in batches.values() for each in some))
            await consumer.commit()


async def _handled(lane: Lane, registry: Registry, keeper: KeepGrants, raw: Iterable[Any]) -> None:
    """Decide requests at once, and say so in their order, before they are committed."""
    asked = [decode(RefreshAsked, each) for each in raw]
    ours = [each for each in asked if each.connection in lane.names]
    answers = await asyncio.gather(*(keeper.ask(each) for each in ours))
    for each, answer in zip(ours, answers, strict=True):
        await registry.write(*keeper(each, answer))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a process of its own
