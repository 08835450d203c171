"""`freshforce ping`: real calls to both sides; what is missing, and how to mend it."""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import asdict

import click
import orjson
from rich.markup import escape
from rich.table import Table

from app.cli.clock import now
from app.cli.console import LIGHTS, console
from app.connect.checkup import Checkup
from app.connect.naming import connection_name
from app.freshbooks.door import open_session
from app.registry import open_registry
from app.salesforce.checkup import Finding
from app.salesforce.wire.transport import QUICK, transport
from app.settings import Settings, load
from streams.domain.identity import ConnectionName

Findings = dict[ConnectionName, list[Finding]]


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def ping(name: str | None, *, as_json: bool) -> None:
    """Call FreshBooks and Salesforce for NAME (or every connection) and say what is not well.

    FreshBooks: token, identity, scopes, a page of clients, invoices and payments, webhooks, its clock.
    Salesforce: log-in, API version, each object with its fields and rights, calls left, a row that is taken
    and rolled back, its clock. Nothing stays written. Each line that is red has its mend.

    Exit code 0 when all is well, 1 when something is red, or NAME is not known or Kafka not reached, 2 when a
    setting is bad.

    Example: freshforce ping acme --json
    """
    wanted = None if name is None else connection_name(name)
    found = asyncio.run(_ping(load(), wanted))
    if as_json:
        click.echo(orjson.dumps(list(_flat(found))))
    else:
        console().print(table(found))
    raise SystemExit(0 if found and all(each.well for each in _each(found)) else 1)


async def _ping(settings: Settings, name: ConnectionName | None) -> Findings:
    async with (
        open_registry(settings, now, os.urandom) as registry,
        open_session() as session,
        transport(QUICK) as send,
    ):
        asked = registry.all() if name is None else [registry[name]]
        checkup = Checkup(registry, session, send, settings.allow_http_vendors)
        found = await asyncio.gather(*map(checkup.both, asked))
        return {each.name: said for each, said in zip(asked, found, strict=True)}


def _each(found: Findings) -> Iterable[Finding]:
    return (each for findings in found.values() for each in findings)


def _flat(found: Findings) -> Iterable[dict[str, object]]:
    return ({"connection": name, **asdict(each)} for name, findings in found.items() for each in findings)


def table(found: Findings) -> Table:
    """Return each finding as a row; its light is a mark of its own."""
    shown = Table("connection", "", "what", "finding", "mend")
    for name, findings in found.items():
        for each in findings:
            shown.add_row(name, LIGHTS[each.well], each.what, escape(each.says), escape(each.mend))
    if not found:
        shown.add_row(
            "-", LIGHTS[False], "connections", "there is none", "freshforce connect freshbooks NAME …"
        )
    return shown
