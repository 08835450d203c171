"""A reconciliation as people and programs read it."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from rich import box
from rich.table import Table

from app.process.health import address
from app.reconcile.difference import Difference, Explained, Named
from app.reconcile.money import plain
from app.reconcile.report import Report, Side, sums_of
from app.settings import Settings

MOST: Final = 50
"""Explained ones that a person is shown; in JSON all are."""

Link = Callable[[Named], str]
"""The address of an object's trace page; empty while no pages are served here."""


def pages(settings: Settings, connection: str) -> Link:
    """Return how to find an object's page: where the role that serves the pages runs here."""
    if not address("desk", settings.home):
        return lambda _: ""
    return lambda it: (
        f"http://{settings.admin_listen}/trace?"
        + urlencode({"connection": connection, "kind": it.kind.value, "id": it.number})
    )


def trace(connection: str, it: Named) -> str:
    """Return the command that tells the life of an object."""
    return f"freshforce trace {connection} {it.kind.value} {it.number}"


def lines(report: Report, link: Link) -> Iterator[str]:
    """Yield what differs, then what is explained, then how many there are of each."""
    for it in report.differences:
        yield from _lines(report.connection, it, link)
    for why in islice(report.explained, MOST):
        yield f"{why.why.value}: {_what(why)}: {why.says}"
    if len(report.explained) > MOST:
        yield f"… and {len(report.explained) - MOST:,} more that are explained; --json has all"
    yield summary(report)


def summary(report: Report) -> str:
    """Return in one line what it came to."""
    sorts = [f"{count:,} {sort.value}" for sort, count in sorted(report.sorts.items())]
    reasons = [f"{count:,} {why.value}" for why, count in sorted(report.reasons.items())]
    differ = f"{len(report.differences):,} differ: {', '.join(sorts)}" if sorts else "nothing differs"
    return f"{differ}; explained: {', '.join(reasons)}" if reasons else differ


def counts(report: Report) -> Table:
    """Return how many of each kind the sides have."""
    table = Table("", *(side.value for side in report.sides), box=box.SIMPLE_HEAD)
    for what, its in report.counts.items():
        table.add_row(what, *(f"{its[side]:,}" if side in its else "-" for side in report.sides))
    return table


def money(report: Report) -> Table:
    """Return the sums of all clients, per currency."""
    table = Table("", "", *(side.value for side in report.money_sides), box=box.SIMPLE_HEAD)
    totals = {side: report.money(side) for side in report.money_sides}
    for currency in report.currencies:
        for at, name in enumerate(("outstanding", "paid", "overdue")):
            amounts = (sums_of(totals[side], currency)[at] for side in report.money_sides)
            table.add_row("" if at else currency, name, *(f"{amount:,f}" for amount in amounts))
    return table


def as_json(report: Report, link: Link, written: int | None = None) -> dict[str, Any]:
    """Return all of it for a program; amounts are text."""
    told = {
        "connection": report.connection,
        "as_of": report.as_of.isoformat(),
        "told_by": "both vendors and the log" if report.live else "the log alone",
        "differences": [_plain(report.connection, it, link) for it in report.differences],
        "explained": [{"why": it.why.value, **_plain_what(report.connection, it)} for it in report.explained],
        "sorts": {sort.value: count for sort, count in sorted(report.sorts.items())},
        "counts": {
            what: {side.value: count for side, count in its.items()} for what, its in report.counts.items()
        },
        "money": {side.value: plain(report.money(side)) for side in report.money_sides},
    }
    return told if written is None else told | {"events": written}


def _lines(connection: str, it: Difference, link: Link) -> Iterator[str]:
    yield f"{it.sort.value}: {_what(it)}: {it.says}"
    for name, (sent, there) in it.fields.items():
        yield f"  {name}: sent {sent!r}, there {there!r}"
    yield "  " + "   ".join(filter(None, (trace(connection, it.named), link(it.named))))


def _what(it: Difference | Explained) -> str:
    named = f"{it.named.kind.value} {it.named.number}"
    return f"{named}, {it.row}" if it.row else named


def _plain(connection: str, it: Difference, link: Link) -> dict[str, Any]:
    fields = {name: {"sent": sent, "there": there} for name, (sent, there) in it.fields.items()}
    what = _plain_what(connection, it)
    return {"sort": it.sort.value, **what, "fields": fields, "page": link(it.named) or None}


def _plain_what(connection: str, it: Difference | Explained) -> dict[str, Any]:
    return {
        "object": it.named.kind.value,
        "id": it.named.number,
        "row": it.row or None,
        "says": it.says,
        "trace": trace(connection, it.named),
    }


def headline(report: Report) -> str:
    """Return what was compared, and when."""
    when = f"{report.as_of:%Y-%m-%d %H:%M:%S} UTC"
    if report.live:
        less = "" if report.tells_sums else "; the mapping writes no sums, so Salesforce's are not compared"
        return f"{report.connection}, {when}: FreshBooks, the log and Salesforce{less}"
    return f"{report.connection} as of {when}, told by the log alone: no vendor can be asked as of the past"


def sides_of(report: Report) -> tuple[Side, ...]:
    """Return the two sides that a finance admin compares: the books, and Salesforce where it tells sums."""
    there = Side.SALESFORCE if report.tells_sums else Side.LOG
    return (Side.FRESHBOOKS if report.live else Side.LOG), there
