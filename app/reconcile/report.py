"""A whole reconciliation: what differs, what is explained, and the money of each client on all sides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.reconcile.difference import Difference, Explained, Sort, Why
from app.reconcile.money import NO_MONEY, Money, Sums, together
from streams.domain.identity import ClientId


class Side(StrEnum):
    """Who says so."""

    FRESHBOOKS = "freshbooks"
    """By its lists; as of a past moment nobody can ask it any more."""
    LOG = "log"
    """By the books that the records come to."""
    SALESFORCE = "salesforce"
    """By what the Accounts show; as of a past moment by what Salesforce acknowledged until then."""


class ClientMoney(NamedTuple):
    """What a client owes and has paid, as each side has it; a side that cannot say is left out."""

    client: ClientId
    name: str
    sides: Mapping[Side, Money]

    @property
    def agrees(self) -> bool:
        """Tell whether all sides that can say so have the same money."""
        said = [*self.sides.values()]
        return all(it == said[0] for it in said)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reconciliation came to."""

    connection: str
    as_of: datetime
    """When it was looked, or the past moment that it is about."""
    live: bool
    """Whether both vendors were asked; if not, it is told by the log alone."""
    differences: Sequence[Difference]
    explained: Sequence[Explained]
    counts: Mapping[str, Mapping[Side, int]]
    """Per kind of thing, how many each side has."""
    clients: Sequence[ClientMoney]
    tells_sums: bool = True
    """Whether Salesforce can say what clients owe: the mapping may not write it."""

    @property
    def sorts(self) -> Counter[Sort]:
        """How many differences of each sort there are."""
        return Counter(it.sort for it in self.differences)

    @property
    def reasons(self) -> Counter[Why]:
        """How many differences are explained by what."""
        return Counter(it.why for it in self.explained)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that could say anything."""
        return tuple(side for side in Side if self.live or side is not Side.FRESHBOOKS)

    @property
    def money_sides(self) -> tuple[Side, ...]:
        """The sides that could say what clients owe."""
        return tuple(side for side in self.sides if self.tells_sums or side is not Side.SALESFORCE)

    def money(self, side: Side) -> Money:
        """Return what all clients together come to on one side."""
        return together(it.sides.get(side) for it in self.clients)

    @property
    def currencies(self) -> Sequence[str]:
        """All currencies that any side has, in order."""
        return sorted({currency for side in self.money_sides for currency in self.money(side)})


def sums_of(money: Money | None, currency: str) -> Sums:
    """Return the sums in one currency; nothing where there are none."""
    return (money or NO_MONEY).get(currency, Sums())
