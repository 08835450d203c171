"""`freshforce audit`: prove that the audit topic is what it was."""

import asyncio
from pathlib import Path
from typing import Any

import click
import orjson

from app.cli.bar import progress
from app.cli.console import console
from app.kafka.client import client_options
from app.settings import Settings, load
from app.view.roots import FILE, Root, read
from app.view.store import Store
from app.view.verify import Difference, Verified
from app.view.verify import verify as check


@click.group()
def audit() -> None:
    """Prove that nobody changed the audit topic.

    The view role hashes each entry together with all before it, and writes one line a day to
    audit-roots.jsonl in FRESHFORCE_HOME. Give a line to your auditor: later, it proves all of the
    history up to that day.
    """


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def roots(*, as_json: bool) -> None:
    """Show the newest daily roots, and where the file is.

    Example: freshforce audit roots
    """
    file = load().home / FILE
    found = read(file)
    if as_json:
        told = [root.model_dump(mode="json") for root in found]
        click.echo(orjson.dumps({"file": str(file), "roots": told}))
        return
    for root in found[-10:]:
        click.echo(f"{root.day}  {root.root}")
    click.echo(f"{len(found)} roots in {file}; the view role writes one after each day (UTC)", err=True)


@audit.command()
@click.option(
    "--roots",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Roots that were given away, rather than ours.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(file: Path | None, *, as_json: bool) -> None:
    """Recompute the hash chain from the topic; name the first entry of each partition that differs.

    Holds it against the daily roots and against what the view kept. Reads the whole topic: some ten
    thousand entries a second.

    Example: freshforce audit verify --roots roots-of-our-auditor.jsonl

    Exit code 1 when something differs.
    """
    settings = load()
    known = read(file or settings.home / FILE)
    found = asyncio.run(_verify(settings, known, quiet=as_json))
    if as_json:
        click.echo(orjson.dumps(_plain(found)))
    else:
        _tell(found, known)
    raise SystemExit(1 if found.differences else 0)


async def _verify(settings: Settings, known: list[Root], *, quiet: bool) -> Verified:
    store = await Store.open(settings.database)
    try:
        with progress("entries", quiet=quiet) as done:
            return await check(store, client_options(settings), known, done)
    finally:
        await store.close()


def _tell(found: Verified, known: list[Root]) -> None:
    say = console().print
    for number, first in sorted(found.skipped.items()):
        say(
            f"partition {number}: entries before offset {first} are kept no longer; they could not be checked"
        )
    for difference in found.differences:
        say(f"[red]partition {difference.partition}: {_told(difference)}")
    if not found.differences:
        last = f", the last of {known[-1].day}" if known else ""
        say(f"{found.entries:,} entries are what they were, by {found.witnesses:,} witnesses{last}")


def _told(it: Difference) -> str:
    if it.first is not None:
        return f"the entry at offset {it.first} {it.what} (says {it.who})"
    return f"something between offsets {it.low} and {it.high} was changed, removed or added (says {it.who})"


def _plain(found: Verified) -> dict[str, Any]:
    differences = [
        {
            "partition": it.partition,
            "first": it.first,
            "what": it.what,
            "low": it.low,
            "high": it.high,
            "who": it.who,
        }
        for it in found.differences
    ]
    skipped = {str(number): first for number, first in found.skipped.items()}
    return {
        "entries": found.entries,
        "witnesses": found.witnesses,
        "skipped": skipped,
        "differences": differences,
    }
