"""The poller's composition root: one member of the pollers' group."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from prometheus_client import CollectorRegistry

from app.freshbooks.books import Count, HttpBooks, uncounted
from app.freshbooks.door import open_session
from app.kafka.client import client_options
from app.kafka.pulse import Pulse
from app.matches import open_matches
from app.metrics import Metrics
from app.poll.dues import AWAY, Dues
from app.poll.findings import first_day
from app.poll.looks import Recall, Ways, looks, ordered, waiting, ways
from app.poll.ordered import Ordered
from app.poll.owners import Ownership
from app.poll.poller import Poller
from app.poll.ready import readiness
from app.poll.schedule import Schedule
from app.poll.told import recalling
from app.poll.upkeep import daily
from app.process.fail import CLEAN, die
from app.process.health import serve
from app.registry import Registry, open_registry
from app.salesforce.matching.book import MatchBook
from app.settings import Settings
from app.vault.tokens import KeptTokens
from streams.domain.audit import Step
from streams.domain.connection import Connection
from streams.domain.event import Event
from streams.domain.grant import Side

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at which connections there are and which of them are ours."""


REMEMBERED: Final = timedelta(days=30)
"""How far back the log is looked into for what was polled: who was away for longer runs a backfill."""


async def main(settings: Settings, name: str) -> int:
    """Poll what is ours until SIGTERM or SIGINT; return the exit code."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, _now, os.urandom, die, Step.POLL))
        registry.grants.refuse_closed()
        figures = CollectorRegistry()
        metrics = Metrics(figures)
        books = await lists(house, settings, registry, metrics.read)
        options = client_options(settings)
        ours = await house.enter_async_context(Ownership(options, settings.partitions))
        recall = partial(_recalling, options, registry)
        schedule = Schedule(partial(_resumed, books, registry, recall), _now)
        upkeep = daily(registry, books.session, metrics.ill, allow_http=settings.allow_http_vendors)
        to = await ways(house, settings, registry, books)
        book = await house.enter_async_context(open_matches(options, registry.write))
        schedules = (schedule, upkeep, *_looks(to, registry, recall, book))
        for each in schedules:
            house.push_async_callback(each.stop)
        pulse = Pulse()
        feeling = asyncio.create_task(pulse.feel(registry.grants.view))
        house.callback(feeling.cancel)

        def report() -> Mapping[str, Any]:
            return readiness(schedule.tasks, schedule.ill, answers=pulse.beats)

        health = await serve(name, settings.home, report, figures)
        house.push_async_callback(health.cleanup)
        while not stop.is_set():
            if feeling.done():
                feeling.result()
            for each in schedules:
                each.look(connected(registry), ours)
            await _first_of(stop.wait(), ours.renew(LOOK_EVERY))
    return CLEAN


def _resumed(
    books: HttpBooks, registry: Registry, recall: Callable[[Connection], Recall], connection: Connection
) -> Poller:
    """Return a poller that goes on where the last one of the connection stopped."""
    return replace(poller(connection, books, registry, _now()), recall=recall(connection))


def _looks(
    to: Ways, registry: Registry, recall: Callable[[Connection], Recall], book: MatchBook
) -> tuple[Schedule, Schedule]:
    """Return when people's Orders are looked for, and when Accounts of clients that wait to be matched."""

    def orders(connection: Connection) -> Ordered:
        return ordered(connection, to, registry, _now() - REMEMBERED, recall(connection))

    return (
        looks(orders, registry),
        looks(lambda its: waiting(its, to, registry, book), registry, "matches"),
    )


def _recalling(options: Mapping[str, Any], registry: Registry, connection: Connection) -> Recall:
    """Return what tells what pollers before this one told of a connection."""
    return recalling(options, registry.grants, connection, _now() - REMEMBERED)


def connected(registry: Registry) -> list[Connection]:
    """Return the connections that FreshBooks was consented to for; connecting writes that last."""
    return [each for each in registry.all() if registry.grants.sealed(each.name, Side.FRESHBOOKS) is not None]


async def lists(
    house: AsyncExitStack, settings: Settings, registry: Registry, count: Count = uncounted
) -> HttpBooks:
    """Return FreshBooks' lists for `registry`'s connections, open for as long as `house` stands."""
    session = await house.enter_async_context(open_session())
    tokens = KeptTokens(registry.grants, registry.write, _now)
    allow_http = settings.allow_http_vendors
    return HttpBooks(session, registry.connections, tokens, _now, allow_http=allow_http, count=count)


def poller(connection: Connection, books: HttpBooks, registry: Registry, since: datetime) -> Poller:
    """Return the poller of one connection that takes everything before `since` as known."""

    async def produce(events: Sequence[Event]) -> None:
        await registry.write(*events)

    dues = Dues(connection.name, books, first_day(since) - AWAY)
    return Poller(connection.name, books, produce, _now, since, dues)


async def _first_of(*waited: Coroutine[Any, Any, Any]) -> None:
    """Return when the first is done, and give up the rest; a failure of the first is raised."""
    tasks = [asyncio.ensure_future(each) for each in waited]
    done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        task.result()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the poller's one look at the clock
