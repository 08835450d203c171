"""What `reconcile` and `report reconciliation` do alike: ask, read the log, compare."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click
from rich.progress import Progress

from app.cli.clock import now
from app.cli.progress import following, progress
from app.connect.copied import refuse_copied
from app.connect.naming import connection_name
from app.freshbooks.books import HttpBooks
from app.kafka.client import client_options
from app.poll.main import lists
from app.reconcile import live, past
from app.reconcile.compare_rows import RowComparison
from app.reconcile.forecast import Cost, cost
from app.reconcile.held import held
from app.reconcile.log import READ, Log, delivered, sent, until
from app.reconcile.report import Report
from app.reconcile.shown import shown
from app.registry import Registry, open_registry
from app.salesforce.api.client import Client
from app.salesforce.lanes.orgs import orgs
from app.salesforce.reads.today import budget_of, costs
from app.salesforce.wire.transport import TIMEOUT, transport
from app.settings import Settings, load
from streams.domain.connection import Connection
from streams.mapping.rules import Rules
from streams.topics import COMMANDS, RECORDS

MOMENT: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])

_INSTEAD: Final = (
    "reconcile the connection whose history it is; of this one `freshforce replay verify {0}` proves what was"
    " sent, and `--as-of MOMENT` holds its log against what Salesforce had acknowledged"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever reconciles one connection, and what they work with."""

    settings: Settings
    registry: Registry
    connection: Connection
    books: HttpBooks
    org: Client
    quiet: bool

    async def cost(self) -> tuple[Cost, Mapping[str, Any]]:
        """Return what a live reconciliation costs, and what is left of today's calls.

        Raises:
            NoBooks: a history was copied into the connection: FreshBooks cannot be asked.
        """
        refuse_copied(self.connection, _INSTEAD.format(self.connection.name))
        return await cost(self.books, self.connection.name), await budget_of(
            self.org, self.connection.api_share
        )

    async def live(self, foreseen: Cost) -> Report:
        """Ask both sides, read the log, and compare."""
        with progress(hidden=self.quiet) as bar:
            rows, objects = (
                bar.add_task("Salesforce's rows", total=None),
                bar.add_task("FreshBooks' lists", total=foreseen.objects),
            )
            sheets = Rules.of(self.connection).mapping
            org = await held(
                *(self.org, self.connection, sheets, now()), lambda read: bar.update(rows, completed=read)
            )
            lists_ = await shown(
                self.books, self.connection.name, now(), lambda read: bar.update(objects, completed=read)
            )
            log = await self._log(bar)
            told = await log.told(lines=sheets.lines)
            partitions = sum(place.topic == RECORDS.name for place in log.stretches)
            id_map = await delivered(log.options, partitions)
            compared = RowComparison(self.connection, told, org, id_map, live.live_objects(lists_))
            compared.sent = await sent(log, compared.wanted())
            return live.report(self.connection, lists_, told, org, compared)

    async def past(self, moment: datetime) -> Report:
        """Return what the log alone tells of a past moment."""
        with progress(hidden=self.quiet) as bar:
            log = await self._log(bar, moment)
            told = await log.told()
            acked = await past.acknowledged(told, log.records())
            return past.report(self.connection.name, moment, told, acked)

    async def _log(self, bar: Progress, moment: datetime | None = None) -> Log:
        options = client_options(self.settings)
        stretches = await until(options, *READ, COMMANDS, moment=moment)
        return Log(
            options, self.connection.name, stretches, following(bar, bar.add_task("the log", total=None))
        )


@asynccontextmanager
async def desk(name: str, *, quiet: bool) -> AsyncIterator[Desk]:
    """Lend what it takes to reconcile the connection called `name`.

    Raises:
        NoConnection: there is none of that name.
        Misconfigured: no Kafka, no keys; each says how to mend it.
    """
    settings = load()
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, now, os.urandom))
        connection = registry[connection_name(name)]
        books = await lists(house, settings, registry)
        send = await house.enter_async_context(transport(TIMEOUT))
        org = orgs(registry, send, allow_http=settings.allow_http_vendors).client(connection.name)
        yield Desk(settings, registry, connection, books, org, quiet)


def moment_of(asked: datetime | None) -> datetime | None:
    """Return the past moment that is asked for; none for now.

    Raises:
        UsageError: it is yet to come, and what it will be, nobody can say for ever.
    """
    moment = asked.replace(tzinfo=UTC) if asked else None
    if moment is not None and moment > now():
        message = f"--as-of {moment:%Y-%m-%d %H:%M:%S} (UTC) is yet to come"
        raise click.UsageError(message)
    return moment


def forecast_lines(connection: Connection, foreseen: Cost, budget: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in words what a live reconciliation costs."""
    seconds = foreseen.pages / connection.freshbooks_reads_per_second
    return (
        f"FreshBooks: {foreseen.objects:,} objects, {foreseen.pages:,} reads, about {seconds:,.0f} s",
        f"Salesforce: about {costs(foreseen.calls, budget)}",
    )


async def reconciled(
    name: str,
    moment: datetime | None,
    *,
    quiet: bool,
    then: Callable[[Desk, Report], Awaitable[int]] | None = None,
) -> tuple[Report, int]:
    """Return the report, and how many events `then` wrote; what it costs is said before, on stderr."""
    async with desk(name, quiet=quiet) as it:
        if moment is not None:
            return await it.past(moment), 0
        foreseen, budget = await it.cost()
        if not quiet:
            click.echo("\n".join(forecast_lines(it.connection, foreseen, budget)), err=True)
        found = await it.live(foreseen)
        return found, await then(it, found) if then else 0
