"""`freshforce mapping`: which Salesforce field gets what."""

import asyncio
import os

import click
import orjson
from rich.table import Table
from rich.text import Text

from app.cli.clock import now
from app.cli.console import console
from app.cli.mapping_check import check
from app.cli.mapping_file import JSON, PATH, text_of
from app.cli.mapping_rehearse import rehearse
from app.connect.naming import connection_name
from app.mapping.setting import set_mapping, version_of
from app.mapping.shown import filters, names
from app.registry import open_registry
from app.settings import load
from streams.domain.connection import Connection
from streams.mapping.reading import default_text


@click.group()
def mapping() -> None:
    """Say which Salesforce field gets what: show, change, check and rehearse a connection's mapping.

    A mapping is one TOML file per connection; a connection without one has the mapping that we ship.
    Begin with what is in force, change it, hold it against your org, see what would differ, set it.

    Example: freshforce mapping show acme > acme.toml; freshforce mapping check acme acme.toml;
    freshforce mapping rehearse acme acme.toml; freshforce mapping set acme acme.toml
    """


@mapping.command()
@click.argument("name", required=False)
@JSON
def show(name: str | None, *, as_json: bool) -> None:
    """Print the mapping of NAME as a file that can be changed and set; without NAME the one that we ship."""
    text = "" if name is None else asyncio.run(_connection(name)).mapping
    found = {"connection": name, "own": bool(text), "mapping": text or default_text()}
    click.echo(orjson.dumps(found) if as_json else found["mapping"], nl=as_json)
    if name is not None and not text:
        click.echo(f"{name} has no mapping of its own: this is the one that we ship", err=True)


@mapping.command(name="names")
@JSON
def names_(*, as_json: bool) -> None:
    """List the facts that a mapping may refer to, and the filters that a template may use."""
    found = names()
    if as_json:
        click.echo(orjson.dumps({"names": found, "filters": filters()}))
        return
    table = Table("name", "kind", "for", "meaning")
    for each in found:
        table.add_row(each["name"], each["kind"], ", ".join(each["for"]), Text(each["says"]))
    console().print(table)
    for name, says in filters().items():
        click.echo(f"filter {name:10} {says}")


@mapping.command(name="set")
@click.argument("name")
@click.argument("file", type=PATH, required=False)
@click.option("--default", "shipped", is_flag=True, help="Go back to the mapping that we ship.")
@JSON
def set_(name: str, file: str | None, *, shipped: bool, as_json: bool) -> None:
    """Make FILE the mapping of NAME, after it was found to work; exit code 1 names what does not.

    Running workers follow at once. A row in Salesforce changes when its client next changes in FreshBooks,
    or when the record log is replayed; `rehearse` shows beforehand which rows that are. A mapping whose
    template fails for a record later on makes a dead letter of that record, which can be retried.
    """
    if shipped == (file is not None):
        message = "give either FILE or --default"
        raise click.UsageError(message)
    text = "" if file is None else text_of(file, as_json=as_json)
    after = asyncio.run(_set(name, text))
    told = {"connection": name, "own": bool(after.mapping), "version": version_of(after)}
    whose = "a mapping of its own" if after.mapping else "the mapping that we ship"
    click.echo(orjson.dumps(told) if as_json else f"{name} has {whose}, version {told['version'] or '-'}")


async def _connection(name: str) -> Connection:
    async with open_registry(load(), now, os.urandom) as registry:
        return registry[connection_name(name)]


async def _set(name: str, text: str) -> Connection:
    async with open_registry(load(), now, os.urandom) as registry:
        return await set_mapping(registry, connection_name(name), text)


mapping.add_command(check)
mapping.add_command(rehearse)
