"""What one invoice adds to its client's sums; they change by what it adds now, less what it added before."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from streams.domain.money import ZERO
from streams.ledger.amounts import EXACT
from streams.ledger.days import enter, strike
from streams.ledger.due import owe
from streams.ledger.facts import Standing
from streams.ledger.head import Head, shift
from streams.ledger.latest import Entry, issue, withdraw
from streams.ledger.listing import listed
from streams.ledger.opened import admit, dismiss
from streams.ledger.pages import InvoicePage, invoice_name
from streams.ledger.shelf import Shelf


class Count(NamedTuple):
    """An invoice that counts: what it adds to the books."""

    currency: str
    outstanding: Decimal
    paid: Decimal
    number: str
    last_payment: str
    due_on: str = ""
    issued_on: str = ""

    @property
    def owed(self) -> Decimal:
        """What falls due: an invoice that was paid too much takes nothing off the others."""
        return max(self.outstanding, ZERO)


_NOTHING: Final = Count("", ZERO, ZERO, "", "")


def count(page: InvoicePage) -> Count | None:
    """Return what an invoice adds: nothing while it is a draft, deleted, moved away or unknown."""
    facts = page.facts
    if facts is None or facts.draft or page.standing is not Standing.LIVE:
        return None
    paid = Decimal(facts.paid)
    last = max(page.payments.values(), default="") or (facts.paid_on if paid > 0 else "")
    outstanding = Decimal(facts.outstanding)
    return Count(facts.currency, outstanding, paid, facts.number, last, facts.due_on, facts.created_on)


def recount(shelf: Shelf, head: Head, invoice: int, before: Count | None, after: Count | None) -> None:
    """Change the sums from what `invoice` added `before` to what its page, as put by now, adds."""
    if before == after:
        return
    old, new = before or _NOTHING, after or _NOTHING
    head.counted += (after is not None) - (before is not None)
    head.moneyed += (new.paid > 0) - (old.paid > 0)
    _transfer(head.outstanding, old.currency, old.outstanding, new.currency, new.outstanding)
    _transfer(head.paid, old.currency, old.paid, new.currency, new.paid)
    _reopen(shelf, head, invoice, old, new)
    _fall_due(shelf, head, old, new)
    _reissue(shelf, head, invoice, before, after)
    if new.last_payment != old.last_payment:
        if old.last_payment:
            strike(shelf, head, old.last_payment)
        if new.last_payment:
            enter(shelf, head, new.last_payment)


def _transfer(totals: dict[str, str], old: str, less: Decimal, new: str, more: Decimal) -> None:
    """Take `less` from the old currency's total and add `more` to the new one's."""
    if old == new:
        shift(totals, new, EXACT.subtract(more, less))
    else:
        shift(totals, old, less.copy_negate())  # a minus sign would round to 28 digits
        shift(totals, new, more)


def _reopen(shelf: Shelf, head: Head, invoice: int, old: Count, new: Count) -> None:
    """List the invoice among the open ones, under its present number, as long as money is to come."""
    was, is_ = old.outstanding > 0, new.outstanding > 0
    if was and is_ and old.number == new.number:
        return
    if was:
        dismiss(shelf, head, invoice, old.number)
    if is_:
        admit(shelf, head, invoice, new.number)


def _fall_due(shelf: Shelf, head: Head, old: Count, new: Count) -> None:
    was, is_ = (old.due_on, old.currency, old.owed), (new.due_on, new.currency, new.owed)
    if was != is_:
        owe(shelf, head, old.due_on, old.currency, old.owed.copy_negate())
        owe(shelf, head, new.due_on, new.currency, new.owed)


def _reissue(shelf: Shelf, head: Head, invoice: int, before: Count | None, after: Count | None) -> None:
    was = before and (before.issued_on, invoice, before.number)
    is_ = after and (after.issued_on, invoice, after.number)
    if was == is_:
        return
    if was:
        withdraw(head, was, lambda: _issued(shelf, head))
    if is_:
        issue(head, is_)


def _issued(shelf: Shelf, head: Head) -> Iterator[Entry]:
    """Yield every invoice that counts, as the pages have it."""
    for invoice in listed(shelf, head):
        if it := count(InvoicePage.read(shelf.page(invoice_name(invoice)))):
            yield it.issued_on, invoice, it.number
