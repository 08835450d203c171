"""`freshforce trace`: everything that ever happened to one FreshBooks object."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import orjson
from rich import box
from rich.table import Table
from rich.text import Text

from app.cli.console import console
from app.cli.trace_export import export_test, unknown
from app.settings import load
from app.view.happening import Happening
from app.view.store import Store
from app.view.story import Line, story
from app.view.trace import trace as look_up
from app.view.under_way import under_way

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
@click.option(
    "--export-test",
    "test",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the client's whole stream, masked, as a test.",
)
@click.option("--force", is_flag=True, help="Write over FILE if it is there.")
def trace(  # noqa: PLR0913  # one word of the command line each
    connection: str,
    kind: str,
    object_id: int,
    *,
    moment: datetime | None,
    as_json: bool,
    test: Path | None,
    force: bool,
) -> None:
    """Show everything that ever happened to one FreshBooks object.

    From the bytes of the webhook and the verdict on its signature, over the version that was fetched, each
    decision with its rule and each command, to what Salesforce answered and the record's id there. Replays
    are shown with plan and person, and each row that they sent with the record and event of the time before.

    With --export-test the whole stream of its client becomes a file that pytest runs without Kafka: events,
    records, decisions, Salesforce's answers. It passes while today's code decides as it did then; what did
    not reach Salesforce is marked as an expected failure. Replaced, the same always by the same: every text
    (names, addresses, e-mails, phones, notes, invoice numbers, the mapping's), the ids, the connection and
    the account. Scaled by one secret number, so that sums and shares stay true: the amounts; whoever has
    several can work that number out, so give the file to those alone who may know the amounts. Kept: days
    and times, currencies, quantities, tax rates, short numbers in a mapping's templates. Left out: the rest,
    webhooks among it.

    Exit code 1 when nothing is known of the object.

    Example: freshforce trace acme invoice 123 --export-test test_incident.py
    """
    if test is not None:
        raise SystemExit(
            asyncio.run(export_test(connection, kind, object_id, test, force=force, as_json=as_json))
        )
    happenings = asyncio.run(_trace(connection, kind, object_id, moment))
    if happenings or as_json:
        left = () if moment else under_way(happenings)  # what waited in the past is no matter now
        _show(happenings, left, f"{connection}: {kind} {object_id}", as_json=as_json)
    else:
        click.echo(unknown(connection, kind, object_id, moment), err=True)
    raise SystemExit(0 if happenings else 1)


def _show(happenings: Sequence[Happening], left: Iterable[Line], title: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps([_plain(happening) for happening in happenings]))
    else:
        console().print(_table([*story(happenings), *left], title))


async def _trace(connection: str, kind: str, object_id: int, moment: datetime | None) -> list[Happening]:
    """Return what had happened by a moment (UTC, without zone), or until now."""
    store = await Store.open(load().database)
    try:
        happenings = await look_up(store, connection, kind, object_id)
    finally:
        await store.close()
    return [it for it in happenings if moment is None or it.at <= moment.replace(tzinfo=UTC)]


def _plain(happening: Happening) -> dict[str, object]:
    place = {"partition": happening.partition, "offset": happening.offset}
    again = {"replay": asdict(happening.again)} if happening.again else {}
    return {"at": happening.at.isoformat(), **place, "entry": happening.entry, **again}


def _table(lines: Iterable[Line], title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for heading in ("time (UTC)", "seconds", "step: verdict"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    return table
