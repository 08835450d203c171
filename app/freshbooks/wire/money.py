"""FreshBooks' money: `{"amount": "12.50", "code": "USD"}`; the amount now and then comes as a number."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from app.freshbooks.wire.fields import Number, Text, Wire
from streams.domain.money import Money


class WireMoney(Wire):
    """An amount as sent; `code` may be blank where the object's own currency is meant."""

    amount: Number
    code: Text = ""

    def money(self, currency: str) -> Money:
        """Return our value; `currency` stands in for a blank code."""
        return Money(amount=self.amount, currency=(self.code or currency).upper())


def _bare_is_amount(value: Any) -> Any:
    return {"amount": value} if isinstance(value, str | int | Decimal) else value


Cash = Annotated[WireMoney, BeforeValidator(_bare_is_amount)]
