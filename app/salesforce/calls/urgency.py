"""Which rows go first when the org's calls run low: money before balances, balances before details."""

from collections import OrderedDict
from enum import IntEnum
from typing import Final, NamedTuple

from streams.domain.command import Command, SObject
from streams.mapping.row import ITEMS, LINK


class Urgency(IntEnum):
    """How much somebody waits for a row; lower goes first."""

    MONEY = 0
    """A payment came or went, a deal closed or opened again."""
    BALANCE = 1
    """What an invoice or a client comes to: new invoices, amounts, roll-ups on the Account."""
    DETAILS = 2
    """Names, addresses, people: nobody's decision waits for them."""


_PAID: Final = ("FreshBooks_Payment_Status__c", "StageName")
_PAYING: Final = {SObject.OPPORTUNITY: _PAID}
_TELLING: Final = {
    SObject.OPPORTUNITY: (*_PAID, "Amount", "FreshBooks_Outstanding__c", "CloseDate"),
    SObject.ACCOUNT: (
        "FreshBooks_Payment_Status__c",
        "FreshBooks_Outstanding__c",
        "FreshBooks_Overdue__c",
        "FreshBooks_Paid__c",
        "FreshBooks_Open_Invoices__c",
        "FreshBooks_Last_Invoice__c",
        "FreshBooks_Last_Payment__c",
    ),
    SObject.CONTACT: (),
    SObject.ORDER: ("FreshBooks_Invoice_Amount__c",),
    SObject.INVOICE: (LINK,),
    SObject.LINES: (ITEMS,),
}
"""Fields whose change is more than a detail."""

_NO_MONEY_YET: Final = frozenset({None, "unpaid", "draft"})

Told = tuple[int, int]
"""Digests of what an Opportunity said of payment, and of all telling fields of any row."""


class Change(NamedTuple):
    """What a command changes, as far as its turn depends on it."""

    urgency: Urgency
    told: Told


class Shown:
    """What Salesforce was last told of each row, as far as lately seen: it makes a change out of a state.

    A row that is not remembered (a worker that has just started) counts as changed: rather too urgent
    than kept back.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._told: OrderedDict[tuple[SObject, str], Told] = OrderedDict()

    def change(self, command: Command) -> Change:
        """Return what `command` changes."""
        now = _told(command)
        return Change(self._urgency(command, now), now)

    def _urgency(self, command: Command, now: Told) -> Urgency:
        sobject = command.sobject
        before = self._told.get((sobject, command.external_id))
        if now == before or not _TELLING[sobject]:
            return Urgency.DETAILS
        if sobject in _PAYING:
            return Urgency.MONEY if _moneyed(command, before, now) else Urgency.BALANCE
        blank = before is None and not any(map(command.fields.get, _TELLING[sobject]))
        return Urgency.DETAILS if blank else Urgency.BALANCE

    def delivered(self, command: Command, told: Told) -> None:
        """Remember what Salesforce now holds."""
        if not _TELLING[command.sobject]:
            return
        row = (command.sobject, command.external_id)
        self._told[row] = told
        self._told.move_to_end(row)
        if len(self._told) > self._size:
            self._told.popitem(last=False)


def _told(command: Command) -> Told:
    said, sobject = command.fields.get, command.sobject
    return hash(tuple(map(said, _PAYING.get(sobject, ())))), hash(tuple(map(said, _TELLING[sobject])))


def _moneyed(command: Command, before: Told | None, now: Told) -> bool:
    if before is None:
        return command.fields.get(_PAID[0]) not in _NO_MONEY_YET
    return before[0] != now[0]
