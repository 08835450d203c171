"""What the reports over a time share: the options, the audit view, the ways to print."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, TypeVar

import click

from app.cli.clock import now
from app.settings import load
from app.view.heard import refuse_unheard
from app.view.period import Period
from app.view.store import Store

T = TypeVar("T", bound=Callable[..., Any])
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])


def period_options(default: str) -> Callable[[T], T]:
    """Give a command --since, --until, --json and --csv."""

    def dress(command: T) -> T:
        for option in (
            click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV."),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
            click.option("--until", type=_MOMENT, help="Up to this moment (UTC); default: now."),
            click.option("--since", type=_MOMENT, help=f"From this moment on (UTC); default: {default}."),
        ):
            command = option(command)
        return command

    return dress


def period(since: datetime | None, until: datetime | None, length: timedelta) -> Period:
    """Return the period that was asked for.

    Raises:
        click.UsageError: it ends before it begins.
    """
    end = until.replace(tzinfo=UTC) if until else now()
    begin = since.replace(tzinfo=UTC) if since else end - length
    if begin >= end:
        message = "--since must be earlier than --until"
        raise click.UsageError(message)
    return Period(begin, end)


async def of_view(connection: str, ask: Callable[[Store], Any]) -> Any:
    """Return what `ask` finds out in the audit view, and whether the view holds anything at all.

    Raises:
        NotHeardOf: it tells nothing of that connection, though of others.
    """
    store = await Store.open(load().database)
    try:
        await refuse_unheard(store, connection)
        return await ask(store), bool(await store.positions())
    finally:
        await store.close()


def as_csv_text(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> str:
    """Return the rows as CSV with a heading."""
    text = StringIO()
    writer = csv.DictWriter(text, [*columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
