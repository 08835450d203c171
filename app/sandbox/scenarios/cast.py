"""The cast of a scenario: the groups that its steps named, and what the players know of each object."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from app.sandbox.freshbooks.nouns import Noun


@dataclass(slots=True)
class Cast:
    """Who is on stage. `day` is today's date in FreshBooks, as text."""

    chance: random.Random
    day: str
    groups: dict[str, list[int]] = field(default_factory=dict)
    noun_of: dict[str, Noun] = field(default_factory=dict)
    currency: dict[int, str] = field(default_factory=dict)
    """Of clients and invoices; their ids never meet."""
    amount: dict[int, Decimal] = field(default_factory=dict)
    """Of invoices."""
    gone: set[int] = field(default_factory=set)
    """Deleted objects: nobody touches them any more."""

    def group(self, name: str, noun: Noun) -> list[int]:
        """Return a group to add to."""
        self.noun_of[name] = noun
        return self.groups.setdefault(name, [])

    def some(self, name: str, share: float) -> list[int]:
        """Return a random share of a group, at least one, in random order."""
        members = self.groups[name]
        return self.chance.sample(members, max(1, round(len(members) * share))) if members else []

    def living(self, ids: list[int]) -> Iterator[int]:
        """Yield those that are not deleted by the time it is their turn."""
        return (one for one in ids if one not in self.gone)
