"""Joined: several FreshBooks clients that are one customer, on one Account.

Each keeps books and rows of its own, in the partition that its own key has. What the Account shows of all of
them together is added up in the books of the one whose Account it is, from the shares of the others.
"""

from typing import Literal

from pydantic import AwareDatetime

from streams.domain.identity import ClientId
from streams.domain.message import Value
from streams.domain.money import Money


class Joined(Value):
    """Whose Account a client shares, as a person last decided; `to` nobody: it has its own."""

    to: ClientId | None
    at: AwareDatetime


class Share(Value):
    """What the books of a joined client add to its Account: sums only, nothing personal."""

    kind: Literal["share"] = "share"
    ended: bool = False
    """The client is joined to that Account no longer: it adds nothing."""
    outstanding: tuple[Money, ...] = ()
    paid: tuple[Money, ...] = ()
    overdue: tuple[Money, ...] = ()
    counted: int = 0
    open: int = 0
    moneyed: int = 0
    """How many invoices count; those with money still to come, those with money received."""
    numbers: tuple[tuple[int, str], ...] = ()
    """Id and number of each open invoice, while they are few."""
    last_payment: str = ""
    latest: tuple[str, int, str] | None = None
    """Day, id and number of the newest invoice."""
