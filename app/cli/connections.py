"""`freshforce connections`: what is joined to what, and whether it runs."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
import orjson
from rich.table import Table

from app.cli.clock import now
from app.cli.console import console
from app.connect.changing import change
from app.connect.naming import connection_name
from app.connect.overview import overview
from app.connect.pausing import pause as pause_it
from app.connect.removing import Removal
from app.freshbooks.door import open_session
from app.registry import open_registry
from app.salesforce.checkup import Finding
from app.settings import load
from streams.domain.connection import Connection

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def connections() -> None:
    """List, show, set, pause, resume or remove connections.

    A connection joins one FreshBooks account and one Salesforce org under a name.
    """


@connections.command(name="list")
@_JSON
def list_(*, as_json: bool) -> None:
    """List all connections with the state of their credentials. Exit code 1 when one needs a person."""
    found = asyncio.run(_all())
    if as_json:
        click.echo(orjson.dumps(found))
    else:
        console().print(_table(found))
    raise SystemExit(0 if all(each["well"] for each in found) else 1)


@connections.command()
@click.argument("name")
@_JSON
def show(name: str, *, as_json: bool) -> None:
    """Show the settings of NAME and the state of its credentials, never the credentials."""
    found = asyncio.run(_one(name))
    if as_json:
        click.echo(orjson.dumps(found))
        return
    for key, value in found.items():
        click.echo(f"{key}: {orjson.dumps(value).decode() if isinstance(value, dict | list) else value}")


@connections.command()
@click.argument("name")
@_JSON
def pause(name: str, *, as_json: bool) -> None:
    """Stop writing to Salesforce for NAME; events are kept and written after `resume`."""
    _pause(name, paused=True, as_json=as_json)


@connections.command()
@click.argument("name")
@_JSON
def resume(name: str, *, as_json: bool) -> None:
    """Go on writing to Salesforce for NAME, where it stopped."""
    _pause(name, paused=False, as_json=as_json)


@connections.command()
@click.argument("name")
@click.option("--apply", "apply_it", is_flag=True, help="Really remove it; otherwise only say what would be.")
@_JSON
def remove(name: str, *, apply_it: bool, as_json: bool) -> None:
    """Remove NAME: delete its callbacks, revoke its access, delete its secrets; the log is kept.

    What was written to Salesforce stays there. Works when a vendor is away: what is left to do by hand is
    said, and the exit code is 1. A removed name may be connected anew.
    """
    found = asyncio.run(_remove(name, apply_it=apply_it))
    if as_json:
        click.echo(orjson.dumps([asdict(each) for each in found]))
    else:
        for each in found:
            click.echo(f"{'✓' if each.well else '✗'} {each.what}: {each.says}")
            if each.mend:
                click.echo(f"    {each.mend}")
        if not apply_it:
            click.echo("nothing was done; add --apply")
    raise SystemExit(0 if all(each.well for each in found) else 1)


@connections.command(name="set")
@click.argument("name")
@click.argument("changes", nargs=-1, required=True, metavar="SETTING=VALUE…")
@_JSON
def set_(name: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Change settings of NAME. Workers follow at once; `connections show NAME` has their values.

    For Salesforce: account_matching (suggest, match_only, create), closed_won_when (paid, any_payment),
    stages.won and the other stages, drafts, org_currency, foreign_amount (leave_out, dead_letter, write),
    after_failure (park, go_on), api_share (0.5 is half of the org's daily calls), salesforce_api_version.
    For FreshBooks: freshbooks_reads_per_second, webhook_uri_base.

    FreshBooks is asked for changes every poll_every_seconds or, where poll_at is set, at the times that this
    cron expression names in poll_zone; poll_jitter_seconds puts each pass off by chance, by so much at most.

    \b
    Examples:
      freshforce connections set acme closed_won_when=any_payment stages.won="Closed Won"
      freshforce connections set acme poll_at="30 6 * * 1-5" poll_zone=America/Toronto
    """  # noqa: D301 - click reads the character
    for text in changes:
        if "=" not in text:
            message = f"{text!r} is not SETTING=VALUE"
            raise click.UsageError(message)
    after = asyncio.run(_change(name, dict(text.split("=", 1) for text in changes)))
    click.echo(orjson.dumps(after) if as_json else f"{name} is changed")


def _pause(name: str, *, paused: bool, as_json: bool) -> None:
    changed = asyncio.run(_set(name, paused=paused))
    state = "paused" if paused else "running"
    text = f"{name} is {state}" if changed else f"{name} was {state} already"
    click.echo(orjson.dumps({"connection": name, "paused": paused, "changed": changed}) if as_json else text)


async def _all() -> list[dict[str, Any]]:
    async with open_registry(load(), now, os.urandom) as registry:
        return [overview(registry, each) for each in registry.all()]


async def _one(name: str) -> dict[str, Any]:
    async with open_registry(load(), now, os.urandom) as registry:
        connection = registry[connection_name(name)]
        return (
            overview(registry, connection)
            | _next_poll(connection, now())
            | {"settings": connection.model_dump(mode="json")}
        )


def _next_poll(connection: Connection, at: datetime) -> dict[str, str]:
    """Return when the next of its times is; with an interval only the poller knows."""
    return {"next_poll": f"{at + connection.rests(at):%Y-%m-%dT%H:%M:%SZ}"} if connection.poll_at else {}


async def _set(name: str, *, paused: bool) -> bool:
    async with open_registry(load(), now, os.urandom) as registry:
        return await pause_it(registry, connection_name(name), paused=paused)


async def _remove(name: str, *, apply_it: bool) -> list[Finding]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry, open_session() as session:
        wanted = connection_name(name)
        connection = registry.connections.get(wanted) or registry[wanted]  # a removed one: what is left
        removal = Removal(registry, session, connection, settings.allow_http_vendors)
        return [each async for each in removal.carry_out()] if apply_it else removal.planned()


async def _change(name: str, changes: Mapping[str, str]) -> dict[str, Any]:
    async with open_registry(load(), now, os.urandom) as registry:
        return (await change(registry, connection_name(name), changes)).model_dump(mode="json")


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table("connection", "FreshBooks", "Salesforce", "webhooks", "")
    for each in found:
        state = "paused" if each["paused"] else "" if each["well"] else "needs you"
        table.add_row(each["connection"], *_told(each), state)
    return table


def _told(each: Mapping[str, Any]) -> tuple[str, str, str]:
    return (
        f"{each['account'] or '-'} {each['freshbooks']}",
        f"{each['domain'] or '-'} {each['salesforce']}",
        each["webhooks"],
    )
