"""`freshforce reconcile`: proof that both sides and the log agree; what differs, by name."""

import asyncio
from datetime import datetime
from typing import Any, Final

import click
import orjson

from app.cli.clock import now
from app.cli.console import console
from app.cli.reconcile_shown import as_json, counts, headline, lines, money, pages
from app.cli.reconciling import MOMENT, Desk, desk, forecast_lines, moment_of, reconciled
from app.poll.poller import BATCH
from app.reconcile.asked import events
from app.reconcile.report import Report
from app.settings import load


@click.command()
@click.argument("name")
@click.option("--as-of", "asked", type=MOMENT, help="Of a past moment (UTC), told by the log alone.")
@click.option("--plan", is_flag=True, help="Say what it costs; compare nothing.")
@click.option("--apply", is_flag=True, help="Turn what differs into events; workers do the rest.")
@click.option("--json", "json", is_flag=True, help="Print one JSON object.")
def reconcile(*, name: str, asked: datetime | None, plan: bool, apply: bool, json: bool) -> None:
    """Compare FreshBooks, the log and Salesforce for NAME, object by object and row by row.

    Four things differ. Missed webhook: FreshBooks has it, or a newer version, and the log has not. Missed
    delete: the log or Salesforce has it, and FreshBooks has not. Unknown change: fields of ours in Salesforce
    are not as we last sent them. Drift: Salesforce took a row and has no such row (any more). What is on its
    way, waits for its Account or is a dead letter is told, and is no difference; nor is a stage that a person
    set. Of products of an Opportunity their sum is compared, what people added left aside; of its Order what
    we write on it. Not compared: Orders of no Opportunity, linked Invoices; what --apply sends brings them
    along.
    A client for whom today's mapping has no result is told as not compared, too.

    Each difference names the trace of its object; counts, and money per currency, stand beside them. With
    --apply they become events: FreshBooks is read again, and Salesforce is sent what differs.

    FreshBooks is read by its lists (100 a call), Salesforce by pages of 2,000 rows; --plan says beforehand
    how many that is. With --as-of nobody is asked: the log's books are held against what Salesforce had
    acknowledged by then, so that the same moment gives the same report for ever.

    Exit code 1 when something differs.

    Example, each night: freshforce reconcile acme --apply
    """
    moment = moment_of(asked)
    if moment is not None and (apply or plan):
        message = "--as-of tells of the past: there is nothing to apply and nobody to ask"
        raise click.UsageError(message)
    if plan:
        _print_plan(*asyncio.run(_planned(name, quiet=json)), json=json)
        return
    found, written = asyncio.run(reconciled(name, moment, quiet=json, then=_written if apply else None))
    link = pages(load(), found.connection)
    if json:
        click.echo(orjson.dumps(as_json(found, link, written if apply else None)))
    else:
        _print(found, [*lines(found, link)])
        _print_end(found, written, apply=apply)
    raise SystemExit(1 if found.differences else 0)


async def _written(at: Desk, found: Report) -> int:
    """Write the events that the differences call for; return how many."""
    asked = [*events(at.connection.name, found.differences, now())]
    for start in range(0, len(asked), BATCH):
        await at.registry.write(*asked[start : start + BATCH])
    return len(asked)


async def _planned(name: str, *, quiet: bool) -> tuple[tuple[str, ...], dict[str, Any]]:
    async with desk(name, quiet=quiet) as at:
        foreseen, budget = await at.cost()
        told = {
            "objects": foreseen.objects,
            "reads": foreseen.pages,
            "calls": foreseen.calls,
            "budget": budget,
        }
        return forecast_lines(at.connection, foreseen, budget), {"connection": name, **told}


def _print_plan(said: tuple[str, ...], told: dict[str, Any], *, json: bool) -> None:
    click.echo(orjson.dumps(told) if json else "\n".join(said))


def _print(found: Report, said: list[str]) -> None:
    click.echo(headline(found))
    console().print(counts(found))
    if found.currencies:
        console().print(money(found))
    click.echo("\n".join(said))


_APPLY: Final = "nothing was written; --apply turns what differs into events"


def _print_end(found: Report, written: int, *, apply: bool) -> None:
    if apply:
        click.echo(f"{written:,} events written")
    elif found.differences and found.live:
        click.echo(_APPLY)
