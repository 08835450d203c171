"""`freshforce backfill`: everything that FreshBooks has, once, into the log."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

import click
import orjson
from rich.progress import Progress, TaskID

from app.cli.call_budget import call_budget, costs
from app.cli.clock import now
from app.cli.progress import following, progress
from app.cli.since import DAY, day_of
from app.connect.copied import copy_again, refuse_copied
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.poll.backfill import Backfill, Done, Forecast, forecast
from app.poll.findings import Told, first_day
from app.poll.main import lists
from app.poll.pace import Pace
from app.poll.telling import Telling
from app.poll.told import told
from app.poll.unread import unread
from app.registry import open_registry
from app.settings import load
from streams.domain.connection import Connection
from streams.domain.event import Event

LISTS: Final = "FreshBooks' lists"
WRITTEN: Final = "into the log"


@click.command()
@click.argument("name")
@click.option("--since", type=DAY, help="Only what changed from this day on; default: all.")
@click.option("--plan", is_flag=True, help="Say how much it is and what it costs; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backfill(name: str, since: datetime | None, *, plan: bool, as_json: bool) -> None:
    """Put the history of NAME into the log as events: clients, invoices, payments, deleted ones too.

    First it says how much that is: objects by FreshBooks' own count, the time to read them, the calls to
    Salesforce (200 rows each) and their share of what is left of the day; with --plan it ends there. What
    the log already has from FreshBooks' lists in its newest version is left out; so a backfill that was
    stopped is run again, here or on another machine, and writes the rest.

    Like `poll` it writes events, no row: a worker must run to renew tokens and to work them off, within
    `freshbooks_reads_per_second` and `api_share`. It keeps no more than FRESHFORCE_BACKFILL_AHEAD seconds of
    reading ahead of the workers (20; 0: all at once), so that webhooks wait no longer behind it, and waits
    while Salesforce's share of the day is used up or a vendor is away; the bar says why, and after half a
    minute of waiting a line on stderr, too, every ten minutes.

    Example: freshforce backfill acme --plan
    """
    asked = day_of(since)
    foreseen, budget, connection, done = asyncio.run(_backfilled(name, asked, plan=plan, quiet=as_json))
    if as_json:
        click.echo(orjson.dumps(_plain(connection, foreseen, budget, done)))
    elif done is None:
        click.echo("nothing was written; leave --plan out to begin")
    else:
        click.echo(
            f"{done.written:,} events written; the log had {done.listed - done.written:,} of {done.listed:,}"
        )


async def _backfilled(
    name: str, since: datetime | None, *, plan: bool, quiet: bool
) -> tuple[Forecast, Mapping[str, Any], Connection, Done | None]:
    settings = load()
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, now, os.urandom))
        connection = registry[connection_name(name)]
        refuse_copied(connection, copy_again(connection))
        books = await lists(house, settings, registry)
        first = first_day(since) if since else None
        foreseen = await forecast(books, connection.name, first)
        budget = await call_budget(settings, connection)
        if not quiet:
            click.echo("\n".join(_lines(connection, foreseen, budget)), err=not plan)
        if plan:
            return foreseen, budget, connection, None
        options, ahead = client_options(settings), settings.backfill_ahead
        look = await house.enter_async_context(unread(options, connection.name))
        most = Pace.most_of(ahead, connection.freshbooks_reads_per_second)
        with progress(hidden=quiet) as bar:
            known = Told()
            if connection.life == 1:  # of a name taken anew the log knows nothing that a list shows
                known = await told(options, connection, following(bar, bar.add_task("the log", total=None)))
            listing, writing = (bar.add_task(it, total=foreseen.objects) for it in (LISTS, WRITTEN))

            async def produce(events: Sequence[Event]) -> None:
                await registry.write(*events)

            work = Backfill(
                *(connection.name, books, produce, now, known.ids, first),
                lambda listed: bar.update(listing, completed=listed),
                Pace(most, look, asyncio.sleep, _telling(bar, writing)) if ahead else None,
                lambda settled: bar.update(writing, completed=settled),
            )
            return foreseen, budget, connection, await work.run()


def _telling(bar: Progress, task: TaskID) -> Telling:
    return Telling(
        lambda why: bar.update(task, description=why or WRITTEN),
        lambda line: click.echo(line, err=True),
        monotonic,
    )


def _lines(connection: Connection, foreseen: Forecast, budget: Mapping[str, Any]) -> Sequence[str]:
    kinds = ", ".join(f"{count:,} {kind.value}s" for kind, count in foreseen.kinds.items())
    time, rate = timedelta(seconds=_seconds(connection, foreseen)), connection.freshbooks_reads_per_second
    return (
        f"{connection.name}: {kinds}; less what the log already has",
        f"FreshBooks: {foreseen.objects:,} reads, {time} at {rate:g} a second",
        f"Salesforce: at least {costs(foreseen.calls, budget)}",
    )


def _seconds(connection: Connection, foreseen: Forecast) -> int:
    return round(foreseen.objects / connection.freshbooks_reads_per_second)


def _plain(
    connection: Connection, foreseen: Forecast, budget: Mapping[str, Any], done: Done | None
) -> Mapping[str, Any]:
    return {
        "connection": connection.name,
        "objects": {kind.value: count for kind, count in foreseen.kinds.items()},
        "reading_seconds": _seconds(connection, foreseen),
        "calls_at_least": foreseen.calls,
        "budget": budget,
        "written": done.written if done else None,
        "listed": done.listed if done else None,
    }
