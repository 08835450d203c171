"""The worker's composition root: settings in, one member of the consumer group out."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NoReturn

from prometheus_client import CollectorRegistry

from app.freshbooks.books import HttpBooks
from app.freshbooks.door import open_session
from app.freshbooks.issuer import HttpIssuer
from app.kafka.client import client_options
from app.kafka.compacted import CompactedView
from app.kafka.failures import TopicMissing
from app.kafka.inventory import administering, existing
from app.kafka.offsets import check_offsets
from app.kafka.pulse import Pulse
from app.kafka.topics import refuse_differences, wanted
from app.log_ins import LogIns, share
from app.matches import open_matches
from app.metrics import Metrics
from app.process.fail import ASIDE, CLEAN, FAILED, die
from app.process.garbage import look_seldom
from app.process.health import serve
from app.registry import Registry, open_registry
from app.salesforce.api.log_in_audit import LogInAudit, a_run
from app.salesforce.calls.meter import Metered
from app.salesforce.lanes.lanes import Lanes, salesforce_rows
from app.salesforce.matching.matching import Matching
from app.settings import Settings
from app.vault.credentials import KeptCredentials
from app.vault.tokens import KeptTokens
from app.worker.copied_books import CopiedBooks
from app.worker.engine.application import Group
from app.worker.figures import Figures
from app.worker.history import History, walk
from app.worker.packed import PackedMap
from app.worker.parked import ParkedRows
from app.worker.ready import readiness
from app.worker.replays import Replays
from app.worker.stores import Partitions, Rows
from app.worker.worker import Worker
from streams.codec import decode
from streams.domain.audit import Step
from streams.domain.replay import Replay
from streams.loop.contract import Stage
from streams.ports_grants import Issuer
from streams.steps.keep_grants import KeepGrants
from streams.topics import (
    APP,
    CLIENTS_OF,
    COMMANDS_ASIDE,
    EVENTS_ASIDE,
    GRANT_REQUESTS,
    ID_MAP,
    LEDGER,
    PARKED,
    REPLAYS,
)
from streams.topology import stages

ID_MAP_ROW: Final = 34
"""Bytes of the longest value in the id map: Salesforce id, version, content (streams.steps.id_map)."""
REFRESH_GRACE: Final = 15.0
"""Seconds that a token's renewal gets when partitions move: given up, it may cost the grant."""


async def main(settings: Settings, name: str) -> int:
    """Work until told to stop; return the exit code.

    Raises:
        Misconfigured: a topic, an offset or a key is not as it must be; no restart will mend it.
    """
    stop = asyncio.Event()
    _when_told(lambda: os._exit(CLEAN))  # nothing is under way yet, and Kafka may be long in answering
    options = client_options(settings)
    await refuse_unfit(settings, options)
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, _now, os.urandom, die))
        registry.grants.refuse_closed()
        await registry.note_keys()
        await registry.grants.mend()
        figures = CollectorRegistry()
        metrics = Metrics(figures)

        def fence() -> None:
            worker.watch.in_time()

        everything = await _stages(house, settings, registry, metrics, fence)
        group = Group(APP, options, settings.partitions, settings.home / "run" / "faust" / name)
        pulse = Pulse()
        replays, feeling = await house.enter_async_context(_replays(options, pulse))
        worker = Worker(group, everything, tables(), die)
        worker.rewind_of = replays.rewind
        figures.register(Figures(worker.report))

        def report() -> Mapping[str, Any]:
            return readiness(worker.report(), answers=pulse.beats, last=metrics.answers)

        health = await serve(name, settings.home, report, figures)
        house.push_async_callback(health.cleanup)
        await replays.cleared()
        look_seldom()
        await worker.start()
        _when_told(stop.set)
        code = await _until(stop, replays, feeling)
        return code if await worker.stop() else FAILED


async def _until(stop: asyncio.Event, replays: Replays, feeling: "asyncio.Task[NoReturn]") -> int:
    """Work until told to stop, or asked to step aside for a replay; return the exit code.

    Without `feeling` nobody would know whether Kafka answers: its failure ends the process.
    """
    told, asked = asyncio.create_task(stop.wait()), asyncio.create_task(replays.asked())
    await asyncio.wait({told, asked, feeling}, return_when=asyncio.FIRST_COMPLETED)
    for each in (told, asked):
        each.cancel()  # does nothing to one that is done
    if feeling.done():
        feeling.result()
    if asked.done():
        asked.result()
        return ASIDE
    return CLEAN


@asynccontextmanager
async def _replays(
    options: Mapping[str, Any], pulse: Pulse
) -> AsyncIterator[tuple[Replays, "asyncio.Task[NoReturn]"]]:
    """Lend the replays, and the task in which `pulse` feels whether Kafka still answers for them."""
    view = CompactedView(REPLAYS.name, options, partial(decode, Replay))
    await view.start()
    feeling = asyncio.create_task(pulse.feel(view))
    try:
        yield Replays(view, _now), feeling
    finally:
        feeling.cancel()
        await view.stop()


def tables() -> Sequence[Partitions]:
    """Return our tables, empty; the id map is by far the largest, so it is packed."""
    return (
        Partitions(CLIENTS_OF, Rows),
        Partitions(LEDGER, Rows),
        Partitions(ID_MAP, lambda: PackedMap(ID_MAP_ROW)),
        Partitions(PARKED, ParkedRows),
        Partitions(EVENTS_ASIDE, Rows),
        Partitions(COMMANDS_ASIDE, Rows),
    )


async def refuse_unfit(settings: Settings, options: Mapping[str, Any]) -> None:
    """Raise unless topics, partitions and committed offsets are as the steps need them."""
    needed = tuple(wanted(settings))
    async with administering(options) as admin:
        found = await existing(admin, [topic.name for topic in needed])
    for topic in needed:
        if topic.name not in found:
            raise TopicMissing(topic.name)
    refuse_differences(needed, found)
    await check_offsets(options, APP, [topic.name for topic in needed])


async def _stages(
    house: AsyncExitStack,
    settings: Settings,
    registry: Registry,
    metrics: Metrics,
    fence: Callable[[], None],
) -> Sequence[Stage]:
    allow_http = settings.allow_http_vendors
    session = await house.enter_async_context(open_session(fence))
    tokens = KeptTokens(registry.grants, registry.write, _now)
    asked = HttpBooks(session, registry.connections, tokens, _now, allow_http=allow_http, count=metrics.read)
    history = History(partial(walk, client_options(settings), settings.partitions))
    books = CopiedBooks(asked, registry.connections, history.newest, _now)
    lanes = await house.enter_async_context(orgs(settings, registry, metrics, fence))
    book = await house.enter_async_context(open_matches(client_options(settings), registry.write))
    rows = Matching(lanes, book, registry.connections, _now)
    house.callback(rows.close)
    issuer = HttpIssuer(
        session,
        registry.connections,
        registry.grants,
        _now,
        allow_http=allow_http,
    )
    told = (_forgetful(stage, lanes) for stage in stages(books, rows, registry.connections, book))
    return (*told, _keeper(registry, issuer, metrics, fence))


def orgs(
    settings: Settings, registry: Registry, metrics: Metrics, fence: Callable[[], None]
) -> AbstractAsyncContextManager[Lanes]:
    """Lend the way to the orgs; log-ins are this worker's share of what Salesforce takes of a user."""
    return salesforce_rows(
        registry.connections,
        KeptCredentials(registry.grants),
        allow_http=settings.allow_http_vendors,
        meter=Metered(metrics),
        fence=fence,
        told=LogInAudit(registry.write, registry.chores.begin, a_run(registry), metrics.logged_in),
        log_ins=LogIns(share(settings.partitions)),  # no more workers have work than there are partitions
    )


def _keeper(registry: Registry, issuer: Issuer, metrics: Metrics, fence: Callable[[], None]) -> Stage:
    def keep_grants() -> KeepGrants:
        return KeepGrants(
            grants=registry.grants,
            issuer=issuer,
            owner=os.urandom(8).hex(),
            fence=fence,
            told=metrics.grant,
        )

    return Stage(Step.KEEP_GRANTS, GRANT_REQUESTS, keep_grants, grace=REFRESH_GRACE)


def _forgetful(stage: Stage, rows: Lanes) -> Stage:
    """Return the stage, whose steps trust no memory of rows: made when partitions moved, they may be wrong.

    Another worker may have written the rows of a partition that comes back.
    """
    if stage.step is not Step.DELIVER:
        return stage

    def make(*tables: Any) -> Any:
        rows.forget()
        return stage.make(*tables)

    return replace(stage, make=make)


def _when_told(act: Callable[[], object]) -> None:
    """Act so when told to stop, from now on."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, act)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the worker's one look at the clock
