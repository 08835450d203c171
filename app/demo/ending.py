"""What one sees at the end: both systems side by side, what differs, and the verdict."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from app.demo.expected import client_name, stage
from app.demo.judge import Books, Difference, Org
from app.demo.summary import Summary

SHOWN: Final = 12
"""Rows of a table: enough to see, few enough to read."""
OF_A_KIND: Final = 3
MOST_PAYMENTS: Final = 3
"""The life of an invoice with more payments does not fit on a screen."""
FRESHBOOKS: Final = "cyan"
SALESFORCE: Final = "magenta"


def ending(console: Console, books: Books, org: Org, summary: Summary, differences: list[Difference]) -> None:
    """Print both systems side by side, what differs, and the verdict."""
    console.print(side_by_side(books, org, differences))
    for each in differences[:SHOWN]:
        what = f"{each.row} {each.field}: {each.expected} expected, {each.found} found"
        console.print(Text(what, style="red"))
    if more := len(differences) - SHOWN:
        console.print(Text(f"and {more} more", style="red") if more > 0 else "", end="\n" if more > 0 else "")
    console.print(_verdict(summary))


def side_by_side(books: Books, org: Org, differences: list[Difference]) -> Table:
    """Return invoices of every kind as FreshBooks has them beside what Salesforce shows."""
    table = Table(
        title="FreshBooks │ Salesforce",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        expand=True,
    )
    table.add_column("invoice", no_wrap=True, style=FRESHBOOKS)
    table.add_column("client", no_wrap=True, overflow="ellipsis", ratio=3, style=FRESHBOOKS)
    table.add_column("amount", no_wrap=True, justify="right", style=FRESHBOOKS)
    table.add_column("outstanding", no_wrap=True, justify="right", style=FRESHBOOKS)
    table.add_column("status", no_wrap=True, style=FRESHBOOKS)
    table.add_column("Opportunity", no_wrap=True, overflow="ellipsis", ratio=4, style=SALESFORCE)
    table.add_column("Amount", no_wrap=True, justify="right", style=SALESFORCE)
    table.add_column("Stage", no_wrap=True, style=SALESFORCE)
    table.add_column("", no_wrap=True)
    for cells in _pairs(books, org, {each.row for each in differences}):
        table.add_row(*cells)
    return table


def _pairs(books: Books, org: Org, wrong: set[str]) -> Iterator[tuple[RenderableType, ...]]:
    names = {client["id"]: client_name(client) for client in books.clients}
    rows = {row.get("FreshBooks_Invoice_Id__c"): row for row in org.opportunities}
    for invoice in _of_every_kind(books):
        key = f"{books.account}:{invoice['id']}"
        row = rows.get(key)
        amount = invoice["amount"]
        yield (
            invoice["invoice_number"],
            Text(names.get(invoice["customerid"], "")),
            f"{amount['amount']} {amount['code']}",
            invoice["outstanding"]["amount"],
            "deleted" if invoice["vis_state"] == 1 else invoice["v3_status"],
            Text(row["Name"]) if row else Text("none: not sent to the client", style="dim"),
            _amount(row) if row else "",
            row["StageName"] if row else "",
            Text("✗", style="red") if f"Opportunity {key}" in wrong else Text("✓", style="green"),
        )


def _amount(row: Mapping[str, Any]) -> RenderableType:
    """Return what the Opportunity shows: its Amount, or what stands beside it in another currency."""
    if (own := row.get("Amount")) is not None:
        return f"{Decimal(str(own)):.2f}"
    foreign = row.get("FreshBooks_Amount__c")
    text = "" if foreign is None else f"{row.get('FreshBooks_Currency__c')} {Decimal(str(foreign)):.2f}"
    return Text(text, style="dim")


def _of_every_kind(books: Books) -> list[Mapping[str, Any]]:
    """Return some invoices of each state that there is."""
    kinds: dict[str, list[Any]] = {}
    for invoice in books.invoices:
        kinds.setdefault(f"{stage(invoice)} {invoice['v3_status']}", []).append(invoice)
    return [one for kind in kinds.values() for one in kind[:OF_A_KIND]][:SHOWN]


def _verdict(summary: Summary) -> Table:
    table = Table(
        title="Verdict", title_style="bold", title_justify="left", show_header=False, box=box.SIMPLE_HEAD
    )
    table.add_column()
    table.add_column(justify="right")
    for name, value in summary.plain().items():
        bad = value and name in {"lost", "wrong", "parked", "dead_letters"}
        table.add_row(name.replace("_", " "), Text(str(value), style="bold red" if bad else ""))
    good = Text("nothing lost, nothing wrong", style="bold green")
    table.caption = good if summary.good else Text("NOT GOOD", style="bold red")
    table.caption_justify = "left"
    return table


def teller(books: Books) -> int | None:
    """Return the invoice whose life says most: one that was paid in several parts, but not in too many."""
    paid = Counter(payment["invoiceid"] for payment in books.payments)
    few = [(invoice, times) for invoice, times in paid.most_common() if times <= MOST_PAYMENTS]
    return next((invoice for invoice, _ in few), None)


def addresses(places: Mapping[str, str]) -> Table:
    """Return where everything listens, for somebody who wants to look around."""
    table = Table(
        title="Left running; Ctrl-C ends it",
        title_justify="left",
        title_style="bold",
        show_header=False,
        box=None,
    )
    for name, place in places.items():
        table.add_row(name, Text(place, overflow="fold"))
    return table
