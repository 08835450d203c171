"""`freshforce report sync`: how far Salesforce is in step with FreshBooks."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import click
import orjson
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.cli.clock import now
from app.cli.console import console
from app.cli.report_period import as_csv_text, of_view, period, period_options
from app.connect.naming import connection_name
from app.view.fates import Fate, Told
from app.view.period import Period
from app.view.standing import Line, Newest
from app.view.sync import Sync
from app.view.sync import sync as look

WEEK: Final = timedelta(days=7)
_SHOWN: Final = (Fate.WRITTEN, Fate.UNCHANGED, Fate.NEEDLESS, Fate.UNDER_WAY, Fate.WAITING, Fate.FAILED)
_COLUMNS: Final = ("day", "object", "events", *(fate.value.replace(" ", "_") for fate in _SHOWN))


@click.command()
@click.argument("name")
@period_options("a week before the end")
def sync(name: str, *, since: datetime | None, until: datetime | None, as_json: bool, as_csv: bool) -> None:
    """Show how far the org of NAME is in step with FreshBooks, by day and object.

    Each event counts on the day we heard of it and has one fate, as it is by now: written, unchanged
    (Salesforce held it), needless (something newer came first), under way, waiting, failed. Below: why
    anything waits or failed, whenever that was, with the mend; and the
    newest of this time that FreshBooks has told, and that Salesforce has.

    Exit code 1 when something failed or waits, or is under way for more than five minutes: then nothing may
    be sent to the org, because its share of calls is used up, say. Reads the audit view only, so what could
    not be read from FreshBooks yet does not count: freshforce ping NAME says why that is.

    Example: freshforce report sync acme --since 2026-11-01
    """
    wanted = period(since, until, WEEK)
    connection = connection_name(name)
    found, begun = asyncio.run(of_view(connection, lambda store: look(store, connection, wanted, now())))
    if as_json:
        click.echo(orjson.dumps(_plain(name, wanted, found)))
    elif as_csv:
        click.echo(as_csv_text([_plain_line(line) for line in found.lines], _COLUMNS), nl=False)
    else:
        for part in _picture(found, now()):
            console().print(part)
    if not begun:
        click.echo("The view has stored nothing yet. Is the view role running?", err=True)
    raise SystemExit(1 if found.causes else 0)


def _picture(found: Sync, at: datetime) -> Iterator[RenderableType]:
    if not found.lines:
        yield Text("FreshBooks told nothing in this time.")
    else:
        yield _by_day(found)
    if found.newest:
        yield _newest(found, at)
    if found.causes:
        yield _causes(found)


def _by_day(found: Sync) -> Table:
    table = _table("events by day (UTC) and object", "day", "object")
    for heading in ("events", *(fate.value for fate in _SHOWN)):
        table.add_column(heading, justify="right")
    for line in found.lines:
        counts = (f"{line.fates[fate]:,}" if line.fates[fate] else "·" for fate in _SHOWN)
        table.add_row(line.day.isoformat(), line.object, f"{line.events:,}", *counts)
    return table


def _newest(found: Sync, at: datetime) -> Table:
    table = _table("newest of this time", "object", "FreshBooks has last told", "Salesforce is as of")
    for it in found.newest:
        table.add_row(
            it.object,
            _spelled(it.told, at),
            _spelled(it.in_step, at) if it.in_step else "nothing of this time",
        )
    return table


def _causes(found: Sync) -> Table:
    table = _table("what waits or failed, and what helps", "", "cause")
    table.add_column("count", justify="right")
    table.add_column("mend", overflow="fold")
    for it in found.causes:
        table.add_row(*map(Text, (it.fate.value, it.why, f"{it.count:,}", it.mend)))
    return table


def _table(title: str, *headings: str) -> Table:
    shape: dict[str, Any] = {"title_justify": "left", "title_style": "bold", "box": box.SIMPLE_HEAD}
    return Table(*headings, title=title, **shape)


def _spelled(told: Told, at: datetime) -> str:
    ago = timedelta(seconds=max(0, round((at - told.at).total_seconds())))
    what = " ".join(
        filter(None, (told.action, f"of {told.object_id}", f"({told.source})" if told.source else ""))
    )
    return f"{ago} ago: {what}"


def _plain(name: str, wanted: Period, found: Sync) -> dict[str, Any]:
    return {
        "connection": name,
        **wanted.plain(),
        "days": [_plain_line(line) for line in found.lines],
        "newest": {it.object: _plain_newest(it) for it in found.newest},
        "causes": [
            {"fate": it.fate.value, "cause": it.why, "count": it.count, "mend": it.mend}
            for it in found.causes
        ],
    }


def _plain_line(line: Line) -> dict[str, Any]:
    counts = (line.fates[fate] for fate in _SHOWN)
    return dict(zip(_COLUMNS, (line.day.isoformat(), line.object, line.events, *counts), strict=True))


def _plain_newest(it: Newest) -> dict[str, Any]:
    return {"told": _plain_told(it.told), "in_salesforce": it.in_step and _plain_told(it.in_step)}


def _plain_told(told: Told) -> dict[str, Any]:
    its = {"id": told.object_id, "action": told.action, "source": told.source, "fate": told.fate.value}
    return {"at": told.at.isoformat(), **its}
