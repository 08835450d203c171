"""`freshforce trace … --export-test`: an incident, masked, as a test that runs without Kafka."""

import asyncio
import os
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


async def export_test(name: str, kind: str, object_id: int, file: Path, *, as_json: bool) -> int:
    """Write the test; return the exit code: 1 when nothing is known of the object."""
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
        click.echo(f"Nothing is known of {kind} {object_id} of {name}. Is the view role running?", err=True)
        return 1
    records = await records_of(client_options(settings), wanted, client)
    found = await gathered(connection, records, entries, os.urandom(32))
    await asyncio.to_thread(file.write_text, as_test(found), "utf-8")
    ill = troubles(found.incident.decided)
    if as_json:
        its = {"file": str(file), "client": client, "records": len(records)}
        click.echo(orjson.dumps(its | {"troubles": ill, "notes": notes(found)}))
        return 0
    click.echo(f"{file}: {len(records)} records of client {client}; run it with: pytest {file}")
    for line in (*ill, *notes(found)):
        click.echo(f"  {line}")
    return 0
