"""`freshforce report reconciliation`: what each client owes and has paid, on both sides."""

import asyncio
import csv
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import click
import orjson
from rich import box
from rich.markup import escape
from rich.table import Table

from app.cli.console import console
from app.cli.reconcile_shown import headline, sides_of
from app.cli.reconciling import MOMENT, moment_of, reconciled
from app.reconcile.money import plain
from app.reconcile.report import ClientMoney, Report, Side, sums_of

_WHAT: Final = ("outstanding", "paid", "overdue")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute instead of show."""


@click.command()
@click.argument("name")
@click.option("--as-of", "asked", type=MOMENT, help="Of a past moment (UTC), told by the log alone.")
@click.option("--differing", is_flag=True, help="Only clients whose sums differ.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma separated values, for a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reconciliation(
    *, name: str, asked: datetime | None, differing: bool, as_csv: bool, as_json: bool
) -> None:
    """Show for each client of NAME what it owes, has paid and is late with: in FreshBooks and in Salesforce.

    FreshBooks' side is added up from its invoices, without drafts and deleted ones; Salesforce's is what the
    client's Account shows. Currencies stand apart: nothing is converted or added across them. With --as-of
    both are told by the log: what its books came to, and what Salesforce had acknowledged by then.

    Which rows make a difference, and how it is mended, says `freshforce reconcile NAME`. Exit code 1 when any
    client's sums differ.

    Example, at a month's end: freshforce report reconciliation acme --csv > november.csv
    """
    if as_csv and as_json:
        message = "--csv or --json, not both"
        raise click.UsageError(message)
    found, _ = asyncio.run(reconciled(name, moment_of(asked), quiet=as_json or as_csv))
    sides = sides_of(found)
    rows = [it for it in found.clients if not (differing and _agrees(it, sides))]
    if as_json:
        click.echo(orjson.dumps(_plain(found, rows, sides)))
    elif as_csv:
        csv.writer(sys.stdout).writerows(_cells(rows, sides))
    else:
        click.echo(headline(found))
        console().print(_table(found, rows, sides))
    raise SystemExit(0 if all(_agrees(it, sides) for it in found.clients) else 1)


def _agrees(it: ClientMoney, sides: tuple[Side, ...]) -> bool:
    mine, its = (it.sides.get(side) for side in sides)
    return (mine or {}) == (its or {})


def _currencies(it: ClientMoney, sides: tuple[Side, ...]) -> list[str]:
    return sorted({currency for side in sides for currency in it.sides.get(side) or {}})


def _cells(rows: list[ClientMoney], sides: tuple[Side, ...]) -> Iterator[list[str]]:
    """Yield the table for a spreadsheet: one line per client and currency, amounts in full."""
    yield [
        "client",
        "name",
        "currency",
        *(f"{side.value}_{what}" for side in sides for what in _WHAT),
        "agrees",
    ]
    for it in rows:
        for currency in _currencies(it, sides):
            sums = [sums_of(it.sides.get(side), currency) for side in sides]
            amounts = (f"{amount:f}" for each in sums for amount in each)
            yield [str(it.client), _shown(it.name), currency, *amounts, "yes" if sums[0] == sums[1] else "no"]


def _shown(name: str) -> str:
    """Return a name that a spreadsheet shows and does not compute."""
    return f"'{name}" if name.startswith(_FORMULA) else name


def _table(found: Report, rows: list[ClientMoney], sides: tuple[Side, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("client", "name", ""):
        table.add_column(heading)
    for side in sides:
        for what in _WHAT:
            table.add_column(f"{side.value}\n{what}", justify="right", no_wrap=True)
    table.add_column("")
    for it in rows:
        _add(table, it, sides)
    table.add_section()
    for currency in found.currencies:
        sums = [sums_of(found.money(side), currency) for side in sides]
        table.add_row("all", "", currency, *_amounts(sums), _mark(sums))
    return table


def _add(table: Table, it: ClientMoney, sides: tuple[Side, ...]) -> None:
    for at, currency in enumerate(_currencies(it, sides)):
        sums = [sums_of(it.sides.get(side), currency) for side in sides]
        who = ("", "") if at else (str(it.client), escape(it.name))
        table.add_row(*who, currency, *_amounts(sums), _mark(sums))


def _amounts(sums: list[Any]) -> Iterator[str]:
    return (f"{amount:,f}" if amount else "-" for each in sums for amount in each)


def _mark(sums: list[Any]) -> str:
    return "" if sums[0] == sums[1] else "[red]differs[/red]"


def _plain(found: Report, rows: list[ClientMoney], sides: tuple[Side, ...]) -> dict[str, Any]:
    """Return the report as JSON has it: amounts are text."""
    clients = [
        {"client": it.client, "name": it.name, "agrees": _agrees(it, sides)}
        | {side.value: plain(it.sides.get(side) or {}) for side in sides}
        for it in rows
    ]
    return {
        "connection": found.connection,
        "as_of": found.as_of.isoformat(),
        "told_by": "both vendors and the log" if found.live else "the log alone",
        "clients": clients,
        "all": {side.value: plain(found.money(side)) for side in sides},
    }
