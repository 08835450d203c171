"""The lines of an invoice as the books keep them: plain text, as FreshBooks wrote it."""

from typing import Any, NamedTuple, Self

from pydantic import JsonValue

from streams.domain.snapshot import Invoice, Line
from streams.domain.version import Version


class LineFacts(NamedTuple):
    """One line, before tax; taxes are percentages, empty where there is none."""

    id: int
    name: str
    description: str
    quantity: str
    unit_cost: str
    amount: str
    tax_name_1: str
    tax_percent_1: str
    tax_name_2: str
    tax_percent_2: str
    compounded: bool
    """Whether the second tax is one on the first, too."""

    @classmethod
    def of(cls, line: Line, more: JsonValue) -> Self:
        """Return the facts of a line, and of what FreshBooks said of it besides."""
        return cls(
            line.id,
            line.name,
            line.description,
            f"{line.quantity:f}",
            f"{line.unit_cost.amount:f}",
            f"{line.amount.amount:f}",
            line.tax_name_1,
            "" if line.tax_percent_1 is None else f"{line.tax_percent_1:f}",
            line.tax_name_2,
            "" if line.tax_percent_2 is None else f"{line.tax_percent_2:f}",
            isinstance(more, dict) and more.get("compounded_tax") is True,
        )


class Itemised(NamedTuple):
    """All lines of an invoice, and its discount."""

    version: Version
    discount: str
    """In money, negative; empty when FreshBooks named none."""
    lines: tuple[LineFacts, ...]

    @classmethod
    def of(cls, version: Version, invoice: Invoice, lines: tuple[Line, ...]) -> Self:
        """Return the lines of a snapshot."""
        said = invoice.more.get("lines")
        more: list[JsonValue] = (
            said if isinstance(said, list) and len(said) == len(lines) else [None] * len(lines)
        )
        facts = tuple(LineFacts.of(line, its) for line, its in zip(lines, more, strict=True))
        return cls(version, _discount(invoice.more.get("discount_total")), facts)

    @classmethod
    def read(cls, kept: list[Any]) -> Self:
        """Return what `written` gave."""
        version, discount, lines = kept
        return cls(version, discount, tuple(map(LineFacts._make, lines)))

    def written(self) -> list[Any]:
        """Return the lines as JSON has them."""
        return [self.version, self.discount, [tuple(line) for line in self.lines]]


def _discount(said: JsonValue) -> str:
    match said:
        case {"amount": str(amount)}:
            return amount
        case _:
            return ""
