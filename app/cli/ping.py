"""`freshforce ping`: real calls to both sides; what is missing, and how to mend it."""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import asdict
from random import Random

import click
import orjson
from aiohttp import ClientSession
from rich.markup import escape
from rich.table import Table

from app.cli.clock import now
from app.cli.console import console
from app.connect.naming import connection_name
from app.connect.tokens import kept_tokens, with_token
from app.freshbooks.client import FreshBooks
from app.freshbooks.door import Door, checked, open_session
from app.registry import Registry, open_registry
from app.salesforce.checkup import Finding, checkup, not_well
from app.salesforce.lanes import Lanes
from app.salesforce.transport import QUICK, Transport, transport
from app.settings import Settings, load
from app.vault.credentials import KeptCredentials
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured
from streams.domain.identity import ConnectionName, ObjectKind

PATIENCE = 10.0
"""Seconds to wait for a fresh FreshBooks token, which only a running worker brings."""

Findings = dict[ConnectionName, list[Finding]]


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def ping(name: str | None, *, as_json: bool) -> None:
    """Call FreshBooks and Salesforce for NAME (or every connection) and say what is not well.

    Nothing is written. Exit code 1 when something needs a person, each with its mend.
    """
    wanted = None if name is None else connection_name(name)
    found = asyncio.run(_ping(load(), wanted))
    if as_json:
        click.echo(orjson.dumps(list(_flat(found))))
    else:
        console().print(_table(found))
    raise SystemExit(0 if found and all(each.well for each in _each(found)) else 1)


async def _ping(settings: Settings, name: ConnectionName | None) -> Findings:
    async with (
        open_registry(settings, now, os.urandom) as registry,
        open_session() as session,
        transport(QUICK) as send,
    ):
        names = sorted(registry.connections) if name is None else [name]
        lookup = _Lookup(settings, registry, session, send)
        asked = [registry[connection_name(each)] for each in names]
        found = await asyncio.gather(*map(lookup.all, asked))
        return {each.name: said for each, said in zip(asked, found, strict=True)}


class _Lookup:
    """Both sides of a connection, as an operator's question to them."""

    def __init__(
        self, settings: Settings, registry: Registry, session: ClientSession, send: Transport
    ) -> None:
        self._http = settings.allow_http_vendors
        self._registry = registry
        self._session = session
        credentials = KeptCredentials(registry.grants)
        self._lanes = Lanes(registry.connections, credentials, send, chance=Random(), allow_http=self._http)  # noqa: S311

    async def all(self, connection: Connection) -> list[Finding]:
        """Return every finding; one side's failure does not hide the other's."""
        try:
            first = Finding("FreshBooks", well=True, says=await self._freshbooks(connection))
        except FreshforceError as error:
            first = not_well("FreshBooks", error)
        return [first, *[each async for each in checkup(self._lanes.client(connection.name))]]

    async def _freshbooks(self, connection: Connection) -> str:
        account = connection.freshbooks_account_id
        if account is None:
            message = f"{connection.name} has no FreshBooks account"
            raise Misconfigured(message, f"freshforce connect freshbooks {connection.name} …")
        door = Door(self._session, checked(connection.freshbooks_api_url, allow_http=self._http))

        async def first_page(token: str) -> object:
            return await FreshBooks(door, account, token, now).page(ObjectKind.CLIENT, 1)

        await with_token(kept_tokens(self._registry), connection.name, first_page, PATIENCE)
        return f"account {account} can be read"


def _each(found: Findings) -> Iterable[Finding]:
    return (each for findings in found.values() for each in findings)


def _flat(found: Findings) -> Iterable[dict[str, object]]:
    return ({"connection": name, **asdict(each)} for name, findings in found.items() for each in findings)


def _table(found: Findings) -> Table:
    table = Table("connection", "", "what", "finding", "mend")
    for name, findings in found.items():
        for each in findings:
            light = "[green]●[/green]" if each.well else "[red]●[/red]"
            table.add_row(name, light, each.what, escape(each.says), escape(each.mend))
    if not found:
        table.add_row(
            "-", "[red]●[/red]", "connections", "there is none", "freshforce connect freshbooks NAME …"
        )
    return table
