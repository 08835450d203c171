"""One line of FreshBooks' invoice; tax is a percentage although the field says amount."""

from pydantic import Field

from app.freshbooks.wire.fields import Identifier, MaybeNumber, Number, Text, Wire
from app.freshbooks.wire.money import Cash
from streams.domain.snapshot import Line


class WireLine(Wire):
    """A line as sent."""

    lineid: Identifier
    name: Text = ""
    description: Text = ""
    qty: Number
    unit_cost: Cash
    amount: Cash
    tax_name_1: Text = Field(default="", validation_alias="taxName1")
    tax_percent_1: MaybeNumber = Field(default=None, validation_alias="taxAmount1")
    tax_name_2: Text = Field(default="", validation_alias="taxName2")
    tax_percent_2: MaybeNumber = Field(default=None, validation_alias="taxAmount2")

    def line(self, currency: str) -> Line:
        """Return our line; `currency` is the invoice's."""
        return Line(
            id=self.lineid,
            name=self.name,
            description=self.description,
            quantity=self.qty,
            unit_cost=self.unit_cost.money(currency),
            amount=self.amount.money(currency),
            tax_name_1=self.tax_name_1,
            tax_percent_1=self.tax_percent_1,
            tax_name_2=self.tax_name_2,
            tax_percent_2=self.tax_percent_2,
        )
