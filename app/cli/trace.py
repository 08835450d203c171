"""`freshforce trace`: everything that ever happened to one FreshBooks object."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click
import orjson
from rich import box
from rich.table import Table
from rich.text import Text

from app.cli.console import console
from app.settings import load
from app.view.store import Store
from app.view.story import story
from app.view.trace import Happening
from app.view.trace import trace as look_up

KINDS: Final = ("client", "invoice", "payment")


@click.command()
@click.argument("connection")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("object_id", type=click.IntRange(min=1))
@click.option(
    "--as-of",
    "moment",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]),
    help="Only what had happened by then (UTC).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the entries as a JSON array.")
def trace(connection: str, kind: str, object_id: int, *, moment: datetime | None, as_json: bool) -> None:
    """Show everything that ever happened to one FreshBooks object.

    From the bytes of the webhook and the verdict on its signature, over the version that was fetched, each
    decision with its rule and each command, to what Salesforce answered and the record's id there.

    Example: freshforce trace acme invoice 123

    Exit code 1 when nothing is known of the object.
    """
    happenings = asyncio.run(_trace(connection, kind, object_id))
    if moment is not None:
        happenings = [it for it in happenings if it.at <= moment.replace(tzinfo=UTC)]
    if as_json:
        click.echo(orjson.dumps([_plain(happening) for happening in happenings]))
    elif happenings:
        console().print(_table(happenings, f"{connection}: {kind} {object_id}"))
    else:
        click.echo(
            f"Nothing is known of {kind} {object_id} of {connection}. Is the view role running?", err=True
        )
    raise SystemExit(0 if happenings else 1)


async def _trace(connection: str, kind: str, object_id: int) -> list[Happening]:
    store = await Store.open(load().database)
    try:
        return await look_up(store, connection, kind, object_id)
    finally:
        await store.close()


def _plain(happening: Happening) -> dict[str, object]:
    place = {"partition": happening.partition, "offset": happening.offset}
    return {"at": happening.at.isoformat(), **place, "entry": happening.entry}


def _table(happenings: Sequence[Happening], title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for heading in ("time (UTC)", "seconds", "step: verdict"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", overflow="fold")
    for line in story(happenings):
        table.add_row(*map(Text, line))
    return table
