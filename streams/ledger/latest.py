"""The newest invoice that counts, though invoices can cease to count: the newest few are at hand.

Only when all of these have ceased to count is every invoice of the client looked at again.
"""

from bisect import insort
from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Final

from streams.ledger.head import Head

AT_HAND: Final = 8

Entry = tuple[str, int, str]
"""The day on the invoice, its id, its number: they sort by newness."""


def withdraw(head: Head, entry: Entry, every: Callable[[], Iterable[Entry]]) -> None:
    """Count an invoice no longer; `every` yields all that count now."""
    known = [it for it in _known(head) if it != entry]
    head.latest = known if known or not head.counted else sorted(nlargest(AT_HAND, every()))


def issue(head: Head, entry: Entry) -> None:
    """Count an invoice, which `head.counted` counts already, among the newest if it is one of them."""
    known = _known(head)
    whole = len(known) == head.counted - 1
    if entry not in known and (whole or entry > known[0]):
        insort(known, entry)
        head.latest = known[-AT_HAND:]


def _known(head: Head) -> list[Entry]:
    return [(day, invoice, number) for day, invoice, number in head.latest]
