"""Arithmetic and text of templates: numbers stay exact Decimals, texts stay short, dates stay dates."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from streams.ledger.amounts import EXACT

QUOTIENT: Final = Context(prec=28, traps=[Overflow, InvalidOperation, DivisionByZero])
"""A quotient has no end; 28 digits of it are kept."""

LONGEST: Final = 32_000
"""Characters of a text; Salesforce's long text areas take 32,768."""

FARTHEST: Final = 60
"""Powers of ten that a number may be away from one: no amount is, and 1e999999 would fill memory."""

_EXACTLY: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": QUOTIENT.divide,
    "//": QUOTIENT.divide_int,
    "%": QUOTIENT.remainder,
}


class Unfit(TypeError):
    """A value that an operator or a filter cannot use; the message names no value."""


def combined(operator: str, left: Any, right: Any) -> Decimal | str:
    """Return what `left operator right` is, for two numbers; two texts can be added, too.

    Raises:
        Unfit: they cannot be combined.
        ArithmeticError: there is no exact or no finite result.
    """
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return short(left + right)
    return near(_EXACTLY[operator](number(left), number(right)))


def signed(operator: str, value: Any) -> Decimal:
    """Return a number with its sign as it is, or turned round; no digit is lost."""
    return number(value).copy_negate() if operator == "-" else number(value)


def number(value: Any) -> Decimal:
    """Return a number as a Decimal.

    Raises:
        Unfit: it is none.
    """
    if isinstance(value, Decimal) or type(value) is int:
        return near(Decimal(value))
    message = f"{named(value)} is no number"
    raise Unfit(message)


def near(value: Decimal) -> Decimal:
    """Return a number that can be written out.

    Raises:
        Overflow: it has too many digits.
    """
    if value and abs(value.adjusted()) > FARTHEST:
        raise Overflow
    return value


def named(value: object) -> str:
    """Return what kind of thing a value is, never the value."""
    kinds = {type(None): "nothing", str: "a text", bool: "yes or no", int: "a number", Decimal: "a number"}
    return kinds.get(type(value), "a list")


def short(text: str) -> str:
    """Return a text that is not too long.

    Raises:
        Unfit: it is.
    """
    if len(text) > LONGEST:
        message = f"a text would be longer than {LONGEST} characters"
        raise Unfit(message)
    return text


def spelled(value: Any) -> str:
    """Return a value as text: nothing is empty, a number has no exponent."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{near(value):f}"
        case bool():
            return "yes" if value else "no"
        case _:
            return short(str(value))


def _on_text(change: Callable[..., str]) -> Callable[..., str | None]:
    """Let `change` work on a text; nothing stays nothing."""

    def changed(value: Any, *more: Any) -> str | None:
        return None if value is None else short(change(spelled(value), *more))

    return changed


def _replaced(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * len(new) > LONGEST:
        message = f"a text would be longer than {LONGEST} characters"
        raise Unfit(message)
    return text.replace(old, new)


def _cut(text: str, length: Any) -> str:
    return text[: max(int(number(length)), 0)]


def _rounded(value: Any, places: Any = 2) -> Decimal | None:
    """Round half up, as on an invoice."""
    if value is None:
        return None
    step = Decimal(1).scaleb(-int(near(number(places))))
    return number(value).quantize(step, rounding=ROUND_HALF_UP, context=EXACT_ROUNDING)


EXACT_ROUNDING: Final = Context(prec=120, traps=[Overflow, InvalidOperation])


def _later(value: Any, days: Any) -> str | None:
    if value is None:
        return None
    return (date.fromisoformat(value) + timedelta(days=int(number(days)))).isoformat()


def _or_else(value: Any, instead: Any) -> Any:
    return instead if value is None or value == "" else value


def _amount_in(amounts: Mapping[str, Decimal], currency: str) -> Decimal:
    return amounts.get(currency, Decimal(0))


FILTERS: Final[Mapping[str, tuple[str, Callable[..., Any]]]] = {
    "upper": ("in capitals", _on_text(str.upper)),
    "lower": ("in small letters", _on_text(str.lower)),
    "trim": ("without blanks at its ends", _on_text(str.strip)),
    "replace": ("replace('old', 'new')", _on_text(_replaced)),
    "truncate": ("truncate(10): its first ten characters", _on_text(_cut)),
    "text": ("a number as text", _on_text(str)),
    "default": ("default('none'): instead of nothing", _or_else),
    "round": ("round(2): half up", _rounded),
    "plus_days": ("plus_days(14): a later date", _later),
}
"""What a template may do with a value: name → what it does, and how."""

INNER: Final[Mapping[str, Callable[..., Any]]] = {
    "exact": lambda digits: near(Decimal(digits)),
    "amount_in": _amount_in,
    "joined": spelled,
}
"""What our own rewriting puts into a template; nobody can write these."""
