"""Exact sums: an amount that cannot be added without rounding is an error, never a guess."""

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

EXACT: Final = Context(prec=120, traps=[Inexact, Overflow, InvalidOperation, DivisionByZero])
"""120 digits hold any sum of the amounts we accept (40 digits, 30 of them decimals)."""


def plain(amount: Decimal) -> str:
    """Return the one spelling of `amount`: no exponent, at least two decimals, no needless zeros, no -0."""
    if not amount:
        return "0.00"
    short = f"{amount.normalize(EXACT):f}"
    whole, _, decimals = short.partition(".")
    return f"{whole}.{decimals:0<2}"
