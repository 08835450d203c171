"""What one invoice adds to its client's sums; they change by what it adds now, less what it added before."""

from decimal import Decimal
from typing import Final, NamedTuple

from streams.domain.money import ZERO
from streams.ledger.amounts import EXACT
from streams.ledger.days import enter, strike
from streams.ledger.facts import Standing
from streams.ledger.head import Head, shift
from streams.ledger.opened import admit, dismiss
from streams.ledger.pages import InvoicePage
from streams.ledger.shelf import Shelf


class Count(NamedTuple):
    """An invoice that counts: what it adds to the books."""

    currency: str
    outstanding: Decimal
    paid: Decimal
    number: str
    last_payment: str


_NOTHING: Final = Count("", ZERO, ZERO, "", "")


def count(page: InvoicePage) -> Count | None:
    """Return what an invoice adds: nothing while it is a draft, deleted, moved away or unknown."""
    facts = page.facts
    if facts is None or facts.draft or page.standing is not Standing.LIVE:
        return None
    paid = Decimal(facts.paid)
    last = max(page.payments.values(), default="") or (facts.paid_on if paid > 0 else "")
    return Count(facts.currency, Decimal(facts.outstanding), paid, facts.number, last)


def recount(shelf: Shelf, head: Head, invoice: int, before: Count | None, after: Count | None) -> None:
    """Change the sums from what `invoice` added `before` to what it adds now."""
    if before == after:
        return
    old, new = before or _NOTHING, after or _NOTHING
    head.counted += (after is not None) - (before is not None)
    head.moneyed += (new.paid > 0) - (old.paid > 0)
    _transfer(head.outstanding, old.currency, old.outstanding, new.currency, new.outstanding)
    _transfer(head.paid, old.currency, old.paid, new.currency, new.paid)
    _reopen(shelf, head, invoice, old, new)
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
