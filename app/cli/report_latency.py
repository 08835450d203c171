"""`freshforce report latency`: how long rows take from FreshBooks' webhook to Salesforce's answer."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import click
import orjson
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.cli.console import console
from app.cli.report_period import as_csv_text, of_view, period, period_options
from app.connect.naming import connection_name
from app.view.latency import Spread, spreads
from app.view.latency_over import Walked, bars, walked

DAY: Final = timedelta(days=1)
WIDTH: Final = 40
"""Columns of the longest bar."""
_COLUMNS: Final = ("step", "p50", "p95", "p99", "max")


@click.command()
@click.argument("name")
@click.option(
    "--source",
    type=click.Choice(["webhook", "poll", "any"]),
    default="webhook",
    show_default=True,
    help="How the news came.",
)
@period_options("a day before the end")
def latency(  # noqa: PLR0913  # one word of the command line each
    name: str, *, source: str, since: datetime | None, until: datetime | None, as_json: bool, as_csv: bool
) -> None:
    """Show how long the rows of NAME took: half of them, 19 of 20, 99 of 100, and the slowest.

    From the moment a webhook was received until Salesforce acknowledged the row, and by step, over every
    row that was written in the time. Rows that waited for an Account or a person are counted apart.

    Reads the audit view only. Exit code 1 when no row could be measured: none was written, or none whose
    way could be followed.

    Example: freshforce report latency acme --since 2026-11-28T08:00:00 --until 2026-11-28T09:00:00
    """
    wanted, connection = period(since, until, DAY), connection_name(name)
    asked = "" if source == "any" else source
    found, begun = asyncio.run(of_view(connection, lambda store: walked(store, connection, wanted, asked)))
    spread = spreads(found.walks)
    if as_json:
        click.echo(orjson.dumps({"connection": name, **wanted.plain(), **_plain(found, spread)}))
    elif as_csv:
        click.echo(as_csv_text([_row(each) for each in spread], _COLUMNS), nl=False)
    else:
        for part in _picture(found, spread):
            console().print(part)
    if not begun:
        click.echo("The view has stored nothing yet. Is the view role running?", err=True)
    raise SystemExit(0 if found.walks else 1)


def _picture(found: Walked, spread: Sequence[Spread]) -> Iterator[RenderableType]:
    if spread:
        yield _table(spread, len(found.walks))
        yield Text("\n".join(_histogram(found)) + "\n")
    else:
        yield Text("No row that could be followed was written in this time.")
    if found.waited:
        yield Text(f"not among these: {found.waited:,} rows that waited for an Account or a person")
    if found.others:
        yield Text(f"not among these: {found.others:,} rows whose news came another way, or by a replay")


def _table(spread: Sequence[Spread], rows: int) -> Table:
    table = Table(
        title=f"seconds, over {rows:,} rows", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    table.add_column("step")
    for heading in _COLUMNS[1:]:
        table.add_column(heading, justify="right")
    for each in spread:
        name, *seconds = _row(each).values()
        table.add_row(str(name), *(f"{figure:.3f}" for figure in seconds))
    return table


def _histogram(found: Walked) -> Iterator[str]:
    """Yield a line per bar, without the empty ones at both ends; any row at all is seen."""
    counted = bars(found.walks)
    full = [place for place, (_, count) in enumerate(counted) if count]
    most = max(count for _, count in counted)
    for bound, count in counted[full[0] : full[-1] + 1]:
        label = "longer" if bound is None else f"≤ {bound:g} s"
        yield f"  {label:>9}  {'█' * -(-count * WIDTH // most)} {count:,}".rstrip()


def _row(each: Spread) -> dict[str, Any]:
    seconds = (each.p50, each.p95, each.p99, each.longest)
    return dict(zip(_COLUMNS, (each.name, *(round(it, 3) for it in seconds)), strict=True))


def _plain(found: Walked, spread: Sequence[Spread]) -> dict[str, Any]:
    return {
        "rows": len(found.walks),
        "waited": found.waited,
        "others": found.others,
        "steps": [_row(each) for each in spread],
        "histogram": [{"at_most": bound, "rows": count} for bound, count in bars(found.walks)],
    }
