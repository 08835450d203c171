"""`freshforce state`: a client's rows as they were at a moment, and what changed between two."""

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from app.cli.clock import now
from app.cli.progress import following, progress
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.mapping.rehearsal import Difference, compared
from app.mapping.shown import lines, plain, plain_difference, said
from app.registry import open_registry
from app.replay.state import Past, Rows, as_of
from app.settings import load
from streams.domain.identity import ClientId
from streams.mapping.row import Row

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])


@click.command()
@click.argument("name")
@click.argument("kind", type=click.Choice(["client"]))
@click.argument("client", type=click.IntRange(min=1))
@click.option("--as-of", "moment", type=MOMENT, help="By what was known then (UTC); default: now.")
@click.option("--diff", "later", type=MOMENT, help="Show what changed from then to this later moment.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def state(  # noqa: PLR0913 - one parameter per argument and option
    *, name: str, kind: str, client: int, moment: datetime | None, later: datetime | None, as_json: bool
) -> None:
    """Show the Salesforce rows of a client of NAME as they were derived from what was known at a moment.

    The records of the client up to then are folded anew, with today's mapping; nothing is written. With
    --diff the rows of two moments are compared, field by field. Exit code 1 when the client is not known.

    Example: freshforce state acme client 7 --as-of 2026-10-01 --diff 2026-11-01
    """
    del kind  # a client is all there is; the word leaves room
    moments = tuple(it.replace(tzinfo=UTC) for it in (moment or now(), later) if it is not None)
    if sorted(moments) != [*moments]:
        message = "--diff is the later of the two moments"
        raise click.UsageError(message)
    found, records = asyncio.run(_found(name, client, moments))
    if not records and not as_json:
        click.echo(_unknown(name, client, moments[-1]), err=True)
    elif later is not None:
        _differences([*compared(*found)], as_json=as_json)
    else:
        _rows(found[0], as_json=as_json)
    raise SystemExit(0 if records else 1)


async def _found(name: str, client: int, moments: tuple[datetime, ...]) -> tuple[list[Rows], int]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry:
        connection = registry[connection_name(name)]
    past = Past(connection, ClientId(client))
    with progress() as bar:
        moving = following(bar, bar.add_task("records", total=None))
        return await as_of(client_options(settings), past, moments, moving), past.records


def _unknown(name: str, client: int, moment: datetime) -> str:
    """Say that the log knew nothing of a client by a moment."""
    at = f"{moment:%Y-%m-%d %H:%M:%S} (UTC)"
    return f"Nothing was known of client {client} of {name} by {at}. Is the id FreshBooks' own?"


def _rows(rows: Rows, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps([_plain(row) for row in rows.values()]))
        return
    for row in rows.values():
        click.echo(f"{row.sobject.value} {row.external_id}")
        for name, value in row.fields.items():
            click.echo(f"  {name}: {said(value)}")


def _differences(found: list[Difference], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps([plain_difference(each) for each in found]))
        return
    for each in found:
        click.echo("\n".join(lines(each)))
    if not found:
        click.echo("nothing differs")


def _plain(row: Row) -> dict[str, Any]:
    fields = {name: plain(value) for name, value in row.fields.items()}
    return {"object": row.sobject.value, "external_id": row.external_id, "fields": fields}
