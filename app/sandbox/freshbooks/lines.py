"""Lines of invoices and estimates, and what they come to."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.sandbox.freshbooks.amounts import HUNDRED, ZERO, amount_of, cents, money, number
from app.sandbox.freshbooks.bodies import Body, plain, whole
from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import Line, Texts


def lines_of(bodies: Any, noun: str) -> tuple[Line, ...]:
    """Return all lines of a document as written: a PUT with `lines` replaces every line."""
    if not isinstance(bodies, list) or not all(isinstance(body, dict) for body in bodies):
        raise invalid(Errno.INVALID_VALUE, noun, "lines", "", "lines must be a list of lines.")
    return tuple(_line(body, noun) for body in bodies)


def discount_on(lines: Iterable[Line], percent: Decimal) -> Decimal:
    """Return the discount in money, negative or zero."""
    return cents(-sum((_before_tax(line) for line in lines), ZERO) * percent / HUNDRED) + ZERO


def total(lines: Iterable[Line], percent: Decimal) -> Decimal:
    """Return what the lines come to: each less the discount, then taxed."""
    keep = 1 - percent / HUNDRED
    return cents(sum((_before_tax(line) * keep * _taxes(line) for line in lines), ZERO))


def shown_line(line: Line, number_in_document: int, document: int, code: str, updated: str) -> Texts:
    """Return a line's JSON."""
    return {
        "amount": money(cents(_before_tax(line)), code),
        "basecampid": 0,
        "compounded_tax": line.compounded,
        "date": None,
        "description": line.description,
        "expenseid": 0,
        "invoiceid": document,
        "lineid": number_in_document,
        "modern_project_id": None,
        "modern_time_entries": [],
        "name": line.name,
        "qty": f"{line.qty:f}",
        "retainer_id": None,
        "retainer_period_id": None,
        "taskno": number_in_document,
        "taxAmount1": f"{line.tax_1:f}",
        "taxAmount2": f"{line.tax_2:f}",
        "taxName1": line.tax_name_1,
        "taxName2": line.tax_name_2,
        "taxNumber1": None,
        "taxNumber2": None,
        "type": line.type,
        "unit_cost": money(line.unit_cost, code),
        "updated": updated,
    }


def _line(body: Body, noun: str) -> Line:
    unit_cost, _ = amount_of(body.get("unit_cost", 0), noun, "unit_cost")
    return Line(
        name=plain("name", body.get("name"), ""),
        description=plain("description", body.get("description"), ""),
        qty=number(body.get("qty", 1), noun, "qty"),
        unit_cost=unit_cost,
        tax_name_1=plain("taxName1", body.get("taxName1"), ""),
        tax_1=number(body.get("taxAmount1") or 0, noun, "taxAmount1"),
        tax_name_2=plain("taxName2", body.get("taxName2"), ""),
        tax_2=number(body.get("taxAmount2") or 0, noun, "taxAmount2"),
        compounded=bool(body.get("compounded_tax", False)),
        type=whole(body.get("type", 0), noun, "type"),
    )


def _before_tax(line: Line) -> Decimal:
    return line.qty * line.unit_cost


def _taxes(line: Line) -> Decimal:
    first, second = line.tax_1 / HUNDRED, line.tax_2 / HUNDRED
    return (1 + first) * (1 + second) if line.compounded else 1 + first + second
