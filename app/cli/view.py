"""`freshforce view`: where the audit view stands, and building it anew."""

import asyncio
from collections.abc import Callable

import click
import orjson

from app.cli.bar import progress
from app.kafka.client import client_options
from app.kafka.inventory import spots
from app.kafka.log import reading
from app.settings import Settings, load
from app.view.store import Store
from streams.topics import AUDIT

_PAUSE = 0.5


@click.group()
def view() -> None:
    """Look at the audit view: what the dashboard, trace and reports read.

    It holds nothing that the topic freshforce.audit does not, and may be built anew at any time.
    """


@view.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(*, as_json: bool) -> None:
    """Say how many entries the topic has that the view has not stored yet.

    Example: freshforce view status
    """
    stored, there = asyncio.run(_status(load()))
    if as_json:
        click.echo(orjson.dumps({"stored": stored, "topic": there, "lag": there - stored}))
    else:
        click.echo(f"{stored:,} of {there:,} entries are stored")


@view.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def rebuild(*, yes: bool) -> None:
    """Drop the view and read it from the topic again, from its first entry.

    The view role does the work; pages and reports show little until it is done. Safe to interrupt.

    Example: freshforce view rebuild --yes
    """
    if not yes:
        click.confirm("Drop the view and build it anew from the audit topic?", abort=True)
    settings = load()
    asyncio.run(_cleared(settings))
    with progress("entries") as done:
        asyncio.run(_followed(settings, done))
    click.echo("the view is as the topic says")


async def _cleared(settings: Settings) -> None:
    store = await Store.open(settings.database)
    try:
        await store.clear()
    finally:
        await store.close()


async def _followed(settings: Settings, done: Callable[[int, int], None]) -> None:
    while (now := await _status(settings))[0] < now[1]:
        done(*now)
        await asyncio.sleep(_PAUSE)


async def _status(settings: Settings) -> tuple[int, int]:
    """Return how many entries are stored, and how many there are."""
    options = client_options(settings)
    places = await spots(options, AUDIT.name)
    async with reading(options) as consumer:
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    store = await Store.open(settings.database)
    try:
        positions = await store.positions()
    finally:
        await store.close()
    stored = sum(max(positions.get(at.partition, 0) - begins[at], 0) for at in places)
    return stored, sum(ends[at] - begins[at] for at in places)
