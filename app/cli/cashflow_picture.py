"""Expected money as a table with bars, one per currency."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.salesforce.reads.expected import OVERDUE, Cashflow, Month

WIDTH: Final = 36
"""Columns of the longest bar."""


def picture(found: Cashflow) -> Iterator[RenderableType]:
    """Yield what to print: a table per currency, then the key to its bars."""
    for currency, months in groupby(found.rows, key=lambda each: each.currency):
        yield _table(currency or "the org's own currency", list(months))
    if not found.rows:
        yield Text("no open invoices and no open Opportunities with an amount")
        return
    yield Text.assemble(
        ("█", "green"), " open invoices  ", ("█", "red"), " overdue  ", ("░", "cyan"),
        f" pipeline by probability   as of {found.read_at:%Y-%m-%d %H:%M} UTC",
    )  # fmt: skip


def _table(title: str, months: Sequence[Month]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_footer=True
    )
    most = max(each.total for each in months)
    sums = [
        sum((each.invoices for each in months), Decimal(0)),
        sum((each.pipeline for each in months), Decimal(0)),
    ]
    table.add_column("month", "all")
    for heading, total in zip(
        ("invoices", "pipeline", "expected"), (*sums, sum(sums, Decimal(0))), strict=True
    ):
        table.add_column(heading, _money(total), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for each in months:
        cells = map(_money, (each.invoices, each.pipeline, each.total))
        table.add_row(each.month, *cells, _bar(each, most))
    return table


def _bar(month: Month, most: Decimal) -> Text:
    colour = "red" if month.month == OVERDUE else "green"
    solid = _cells(month.invoices, most)
    dotted = max(_cells(month.total, most) - solid, 1 if month.pipeline else 0)
    return Text("█" * solid, colour) + Text("░" * dotted, "cyan")


def _cells(amount: Decimal, most: Decimal) -> int:
    """Return the length of a bar; money that is there is never invisible."""
    return max(1, round(amount / most * WIDTH)) if amount else 0


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else "-"
