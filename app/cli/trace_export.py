"""`freshforce trace … --export-test`: an incident, masked, as a test that runs without Kafka."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import click
import orjson

from app.cli.clock import now
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.incident.again import troubles
from app.replay.incident.gathered import gathered
from app.replay.incident.read import client_of, entries_of, records_of
from app.replay.incident.written import as_test, notes
from app.settings import load
from app.view.store import Store
from streams.domain.errors import Misconfigured


class FileThere(Misconfigured):
    """A file of that name is there already, perhaps a test that somebody has worked on since."""

    code = "file-there"

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is there already; nothing was written", "give another name, or --force")


async def export_test(  # noqa: PLR0913 - what is exported, and how it is written
    name: str, kind: str, object_id: int, file: Path, *, force: bool, as_json: bool
) -> int:
    """Write the test; return the exit code: 1 when nothing is known of the object.

    Raises:
        FileThere: `file` is there, and it is not to be written over.
    """
    if not force and await asyncio.to_thread(file.exists):
        raise FileThere(file)
    settings, wanted = load(), connection_name(name)
    async with open_registry(settings, now, os.urandom) as registry:
        connection = registry[wanted]
    store = await Store.open(settings.database)
    try:
        client = await client_of(store, wanted, kind, object_id)
        entries = [] if client is None else await entries_of(store, wanted, client)
    finally:
        await store.close()
    if client is None:
        click.echo(unknown(name, kind, object_id), err=True)
        return 1
    records = await records_of(client_options(settings), wanted, client)
    found = await gathered(connection, records, entries, os.urandom(32))
    await asyncio.to_thread(_write, file, as_test(found), force=force)
    ill = troubles(found.incident.decided)
    if as_json:
        its = {"file": str(file), "client": client, "records": len(records)}
        click.echo(orjson.dumps(its | {"troubles": ill, "notes": notes(found)}))
        return 0
    click.echo(f"{file}: {len(records)} records of client {client}; run it with: pytest {file}")
    for line in (*ill, *notes(found)):
        click.echo(f"  {line}")
    return 0


def _write(file: Path, text: str, *, force: bool) -> None:
    try:
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise FileThere(file) from None


def unknown(connection: str, kind: str, object_id: int, moment: datetime | None = None) -> str:
    """Return in words that nothing is known of an object, by a moment (UTC) where one was named."""
    by = f" by {moment:%Y-%m-%d %H:%M:%S} (UTC)" if moment else ""
    asked = "Are name and id right (the id is FreshBooks' own), and does the role view run?"
    return f"Nothing is known of {kind} {object_id} of {connection}{by}. {asked}"
