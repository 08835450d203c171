"""`freshforce topics`: our topics in Kafka, made and checked."""

import asyncio
from collections.abc import Sequence

import click
import orjson
from rich.table import Column, Table

from app.cli.console import console
from app.kafka.client import client_options
from app.kafka.inventory import Found, administering, existing
from app.kafka.offsets import Standing, clamp_offsets, standings
from app.kafka.topics import create as create_topics
from app.kafka.topics import wanted
from app.settings import Settings, load
from streams.topics import APP, TOPICS


@click.group()
def topics() -> None:
    """Create and check our topics in Kafka."""


@topics.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(*, as_json: bool) -> None:
    """Create the topics that are missing; safe to repeat, and refused when existing ones disagree."""
    made = asyncio.run(_create(load()))
    if as_json:
        click.echo(orjson.dumps({"created": made}))
    else:
        click.echo("\n".join(made) if made else "all topics exist as they should")


@topics.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_topics(*, as_json: bool) -> None:
    """List our topics as Kafka has them. Exit code 1 when one is missing."""
    settings = load()
    names = [topic.name for topic in wanted(settings)]
    found = asyncio.run(_existing(settings, names))
    if as_json:
        click.echo(orjson.dumps([found.get(name, {"name": name, "missing": True}) for name in names]))
    else:
        console().print(_table(names, found))
    raise SystemExit(0 if len(found) == len(names) else 1)


@topics.command()
@click.option(
    "--apply", "apply_it", is_flag=True, help="Really move the offsets; the workers must be stopped."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def clamp(*, apply_it: bool, as_json: bool) -> None:
    """Show offsets that lie outside the log, and with --apply move them to its nearest end.

    A group that stands outside the log never commits again, so the workers refuse to start. Find out
    first why it happened: what lay between is gone. Exit code 1 when there are such offsets and
    they were not moved.
    """
    wrong = asyncio.run(_clamp(load(), apply_it=apply_it))
    if as_json:
        click.echo(orjson.dumps(wrong))
    for each in () if as_json else wrong:
        click.echo(f"{each.topic} partition {each.partition}: {each.committed} → {each.clamped}")
    raise SystemExit(0 if apply_it or not wrong else 1)


async def _create(settings: Settings) -> Sequence[str]:
    async with administering(client_options(settings)) as admin:
        return await create_topics(admin, settings)


async def _existing(settings: Settings, names: Sequence[str]) -> dict[str, Found]:
    async with administering(client_options(settings)) as admin:
        return await existing(admin, names)


async def _clamp(settings: Settings, *, apply_it: bool) -> list[Standing]:
    options = client_options(settings)
    names = [topic.name for topic in TOPICS]
    if apply_it:
        return await clamp_offsets(options, APP, names)
    return [each for each in await standings(options, APP, names) if not each.in_range]


def _table(names: Sequence[str], found: dict[str, Found]) -> Table:
    table = Table(Column("topic", overflow="fold"), "partitions", "replicas", "in sync at least", "cleanup")
    for name in names:
        is_ = found.get(name)
        row = (
            ("missing",) * 4
            if is_ is None
            else (is_.partitions, is_.replication, is_.min_insync, is_.cleanup)
        )
        table.add_row(name, *map(str, row))
    return table
