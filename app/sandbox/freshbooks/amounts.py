"""Money as FreshBooks writes it: a decimal string with its currency, two places in what it computes."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from app.sandbox.freshbooks.refusals import Errno, invalid

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)
MOST_PLACES = 15


def cents(amount: Decimal) -> Decimal:
    """Return `amount` rounded to two places, half up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def money(amount: Decimal, code: str) -> dict[str, str]:
    """Return the JSON of an amount."""
    return {"amount": f"{amount:f}", "code": code}


def number(value: Any, noun: str, field: str) -> Decimal:
    """Return what was written as a string or a number.

    Raises: Refusal(1015) when it is neither.
    """
    found = None if isinstance(value, bool) else parsed(str(value))
    if found is None:
        raise invalid(Errno.MAPPING_NUMBER, noun, field, value, f"{field} must be a number.")
    return found


def amount_of(value: Any, noun: str, field: str) -> tuple[Decimal, str | None]:
    """Return the amount of `{"amount": "1.00", "code": "USD"}` (or of a bare number) and its currency."""
    if isinstance(value, dict):
        return cents(number(value.get("amount"), noun, field)), value.get("code")
    return cents(number(value, noun, field)), None


@lru_cache(maxsize=4096)
def parsed(text: str) -> Decimal | None:
    """Return a number that money could be; the same text gives the same object, to save memory."""
    try:
        number_read = Decimal(text)
    except InvalidOperation:
        return None
    return number_read if number_read.is_finite() and abs(number_read.adjusted()) <= MOST_PLACES else None
