"""Money: a decimal amount and its currency; text on the wire, never a float, never converted."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator

from streams.domain.message import Value

AMOUNT_PATTERN = r"^-?(0|(?!([0-9]\.?){41})[1-9][0-9]{0,39})(\.[0-9]{1,40})?$"
"""Plain notation with at most 40 digits: no exponent, no sign but minus, no blanks, no leading zeros."""

_plain = re.compile(AMOUNT_PATTERN).fullmatch


def _amount(value: object) -> Decimal:
    """Check an amount in one go: a record holds a dozen, and pydantic would look at each one five times."""
    if isinstance(value, str) and _plain(value):
        return Decimal(value)
    if isinstance(value, Decimal) and _plain(_written(value)):
        return value
    message = 'an amount is written as text, such as "12.50"'
    raise ValueError(message)


def _written(amount: Decimal) -> str:
    """Write without exponent, which `str` would use for "0.0000000"."""
    return f"{amount:f}"


Amount = Annotated[
    Decimal,
    PlainValidator(_amount, json_schema_input_type=str),
    PlainSerializer(_written, return_type=str, when_used="json"),
    Field(json_schema_extra={"pattern": AMOUNT_PATTERN, "examples": ["12.50", "-0.005", "1000000"]}),
]
"""A finite decimal. 40 digits hold FreshBooks' longest recorded amount (27 digits) with room to spare."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""

ZERO = Decimal(0)


class Money(Value):
    """An amount in one currency."""

    amount: Amount
    currency: Currency
