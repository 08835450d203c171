"""`freshforce mapping rehearse`: what a changed mapping would change."""

import asyncio
import os
from collections.abc import Callable

import click
import orjson

from app.cli.clock import now
from app.cli.mapping_file import JSON, PATH, text_of
from app.cli.progress import following, progress
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.kafka.inventory import spots
from app.mapping.record_log import record_log
from app.mapping.rehearsal import Difference, Rehearsal
from app.mapping.shown import lines, plain_difference, plain_tally, summary
from app.registry import open_registry
from app.settings import load
from streams.mapping.rules import Rules
from streams.topics import RECORDS


@click.command()
@click.argument("name")
@click.argument("file", type=PATH)
@click.option("--summary", "short", is_flag=True, help="The numbers only, not each row.")
@JSON
def rehearse(name: str, file: str, *, short: bool, as_json: bool) -> None:
    """Run FILE beside the present mapping of NAME over the whole record log; nothing is written.

    Lists each Salesforce row that would differ, field by field, and how many API calls (200 rows each) it
    takes to write them. One partition of the log is held in memory at a time, about 4 KB a record. Exit
    code 0 when no row differs, 1 when some do or the mapping fails for a client.

    Setting the mapping afterwards activates it; a row then changes when its client next changes, or when
    the record log is replayed.
    """
    text = text_of(file, as_json=as_json)
    rows: list[Difference] = []
    tell = _nothing if short else rows.append if as_json else _print
    rehearsal = asyncio.run(_rehearsed(name, text, tell))
    if as_json:
        shown = {} if short else {"differences": [plain_difference(each) for each in rows]}
        click.echo(orjson.dumps({**plain_tally(rehearsal.tally), **shown}))
    else:
        click.echo("\n".join(summary(rehearsal.tally)))
    raise SystemExit(1 if rehearsal.tally.differing or rehearsal.tally.failures else 0)


async def _rehearsed(name: str, text: str, tell: Callable[[Difference], None]) -> Rehearsal:
    """Read the log and hand every differing row to `tell`, partition by partition."""
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry:
        connection = registry[connection_name(name)]
    changed = connection.model_copy(update={"mapping": text})
    rehearsal = Rehearsal(Rules.of(connection), Rules.of(changed))
    places = await spots(client_options(settings), RECORDS.name)
    for number, place in enumerate(places, 1):
        with progress() as bar:
            task = bar.add_task(f"records, partition {number} of {len(places)}", total=None)
            log = record_log(client_options(settings), connection.name, place, following(bar, task))
            async for record in log:
                rehearsal.learn(record)
        with progress(hidden=tell is _print) as bar:
            task, before = bar.add_task("clients", total=rehearsal.clients), rehearsal.tally.clients
            for found in rehearsal.differences():
                tell(found)
                bar.update(task, completed=rehearsal.tally.clients - before)
    return rehearsal


def _print(found: Difference) -> None:
    click.echo("\n".join(lines(found)))


def _nothing(_: Difference) -> None:
    """Say nothing: the numbers tell."""
