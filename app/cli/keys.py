"""`freshforce keys`: the keys that encrypt the grants."""

import os

import click
import orjson

from app.settings import load
from app.vault import keys as ring


@click.group()
def keys() -> None:
    """Make and list the keys that encrypt the grants.

    They live in FRESHFORCE_KEY_FILE (default: keys in the state folder), readable by its owner
    alone. Back the file up: without it every connection must be consented again.
    """


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def new(*, as_json: bool) -> None:
    """Make a key and let it encrypt from now on; the older ones still decrypt.

    Roles that run find it by themselves, where the keys are in the file.
    """
    settings = load()
    file = settings.key_file
    key = ring.add(file, os.urandom(ring.SIZE))
    click.echo(orjson.dumps({"id": key.id, "file": str(file)}) if as_json else f"key {key.id} made in {file}")
    if settings.keys.get_secret_value():
        click.echo(f"FRESHFORCE_KEYS wins over {file}: put the new line at its end, after a comma", err=True)


@keys.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_keys(*, as_json: bool) -> None:
    """List the ids of the keys, never the keys."""
    settings = load()
    held = ring.load(settings.key_file, settings.keys.get_secret_value())
    if as_json:
        click.echo(orjson.dumps({"active": held.active.id, "keys": list(held.keys)}))
        return
    for key_id in held.keys:
        click.echo(f"{key_id}  encrypts" if key_id == held.active.id else f"{key_id}  decrypts only")
