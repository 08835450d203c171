"""Money: a decimal amount and its currency; text on the wire, never a float, never converted."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from streams.domain.message import Value


def _text_or_decimal(value: object) -> object:
    if isinstance(value, str | Decimal):
        return value
    message = 'an amount is written as text, such as "12.50"'
    raise ValueError(message)


Amount = Annotated[
    Decimal,
    BeforeValidator(_text_or_decimal, json_schema_input_type=str),
    Field(strict=False, max_digits=40, decimal_places=30, allow_inf_nan=False),
]
"""A finite decimal. 40 digits hold FreshBooks' longest recorded amount (27 digits) with room to spare."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""

ZERO = Decimal(0)


class Money(Value):
    """An amount in one currency."""

    amount: Amount
    currency: Currency
