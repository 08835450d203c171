"""`freshforce report cashflow`: expected money by month."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import orjson
from pydantic import ValidationError

from app.cli.cashflow_picture import picture
from app.cli.clock import now
from app.cli.console import console
from app.cli.one_org import one_org
from app.connect.naming import connection_name
from app.salesforce.reads.cashflow import cashflow as read
from app.salesforce.reads.expected import Cashflow
from app.settings import Settings, load
from streams.domain.identity import ConnectionName

KEPT: Final = timedelta(minutes=5)
"""How long a report is shown again without asking the org."""


@click.command()
@click.argument("name")
@click.option(
    "--months", type=click.IntRange(1, 60), default=12, show_default=True, help="Months to tell apart."
)
@click.option("--fresh", is_flag=True, help="Ask the org although the last report is only minutes old.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cashflow(*, name: str, months: int, fresh: bool, as_json: bool) -> None:
    """Show what money to expect in the org of NAME, month by month.

    Open invoices count in full in the month they are due; open Opportunities count with their probability in
    the month they should close. Currencies stand apart: nothing is converted or added across them. The org
    is only read, within the connection's share of its API calls, and at most every five minutes.

    Example: freshforce report cashflow acme
    """
    settings, connection = load(), connection_name(name)
    kept = settings.home / "reports" / f"cashflow.{connection}.{months}.json"
    found = None if fresh else _kept(kept, now())
    if found is None:
        found = asyncio.run(_read(settings, connection, months))
        _keep(kept, found)
    if as_json:
        click.echo(orjson.dumps(_plain(name, found)))
        return
    for part in picture(found):
        console().print(part)


async def _read(settings: Settings, name: ConnectionName, months: int) -> Cashflow:
    async with one_org(settings, name) as (connection, client):
        return await read(client, connection, now(), months)


def _kept(file: Path, at: datetime) -> Cashflow | None:
    """Return the last report if it is young enough; one that cannot be read is none."""
    try:
        found = Cashflow.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if timedelta(0) <= at - found.read_at < KEPT else None


def _keep(file: Path, found: Cashflow) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(found.model_dump_json(), "utf-8")


def _plain(name: str, found: Cashflow) -> dict[str, Any]:
    """Return the report as JSON has it: amounts are text, a currency that the org does not name is null."""
    months = [
        each.model_dump(mode="json") | {"currency": each.currency or None, "total": str(each.total)}
        for each in found.rows
    ]
    return {"connection": name, "read_at": found.read_at.isoformat(), "months": months}
