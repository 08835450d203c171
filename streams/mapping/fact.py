"""A fact: something known of a client or an invoice that a mapping may refer to by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """What a value is."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    FLAG = "yes or no"
    PARENT = "reference"
    """To a parent row by its external id; left out where there is no parent."""
    AMOUNTS = "amounts by currency"
    """For templates only: `sums.owed['CAD']` is a number, 0 where there is none."""


class Left:
    """Says that a field is left out: Salesforce keeps what it has."""


LEFT: Final = Left()


@dataclass(frozen=True, slots=True)
class Fact:
    """A name that a mapping may use."""

    name: str
    kind: Kind
    says: str
    of: Callable[[Any], Any]
    """What it is for a subject: text (a date too), Decimal, bool, None where nothing is known."""
    personal: bool = False
    """Whether it changes with the client itself; an Opportunity that shows it follows every such change."""
    currency: Callable[[Any], str | None] | None = None
    """What an amount is an amount of; none for plain numbers."""


def by_name(*tables: Iterable[Fact]) -> Mapping[str, Fact]:
    """Return the facts of `tables` by their names."""
    return {fact.name: fact for table in tables for fact in table}
