"""What clients owe and have paid, per currency; nothing is converted, no two currencies are added."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from streams.domain.money import ZERO
from streams.ledger.amounts import EXACT

_TOTAL: Final = re.compile(r"([A-Z]{3}) (-?[0-9]+(?:\.[0-9]+)?)", re.ASCII)


class Sums(NamedTuple):
    """What all invoices of one client that count come to, in one currency."""

    outstanding: Decimal = ZERO
    paid: Decimal = ZERO
    overdue: Decimal = ZERO

    def __bool__(self) -> bool:
        """Tell whether there is any money in it."""
        return any(tuple(self))

    def plus(self, other: "Sums") -> "Sums":
        """Return both together, digit by digit."""
        return Sums(*(EXACT.add(mine, its) for mine, its in zip(self, other, strict=True)))


Money = Mapping[str, Sums]
"""By currency; where nothing is, there is no currency."""

NO_MONEY: Final[Money] = {}


@dataclass(slots=True)
class Till:
    """Adds up money, each currency apart."""

    held: dict[str, Sums] = field(default_factory=dict)

    def put(self, money: Money) -> None:
        """Add what `money` holds."""
        for currency, sums in money.items():
            self.held[currency] = self.held.get(currency, Sums()).plus(sums)

    @property
    def money(self) -> Money:
        """What is in it, currencies in order."""
        return {currency: self.held[currency] for currency in sorted(self.held) if self.held[currency]}


def together(parts: Iterable[Money | None]) -> Money:
    """Return the sum of all `parts`, a part that is not known counting for nothing."""
    till = Till()
    for part in parts:
        till.put(part or NO_MONEY)
    return till.money


def of_totals(outstanding: Mapping[str, str], paid: Mapping[str, str], overdue: Mapping[str, str]) -> Money:
    """Return the money that totals per currency tell, such as the books' head has."""
    currencies = sorted({*outstanding, *paid, *overdue})
    found = {
        it: Sums(*(Decimal(totals.get(it, "0")) for totals in (outstanding, paid, overdue)))
        for it in currencies
    }
    return {it: sums for it, sums in found.items() if sums}


def of_texts(outstanding: Any, paid: Any, overdue: Any) -> Money:
    """Return the money that an Account shows, whose fields say `CAD 21.94; USD 800.00`."""
    return of_totals(*(dict(_TOTAL.findall(str(text or ""))) for text in (outstanding, paid, overdue)))


def plain(money: Money) -> dict[str, dict[str, str]]:
    """Return money as JSON has it: amounts are text."""
    return {
        it: {name: f"{amount:f}" for name, amount in sums._asdict().items()} for it, sums in money.items()
    }
