"""Joined books: whose Account a client shares, and what the books of those who share this one's add to it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from streams.codec import decode, encode
from streams.domain.joined import Share
from streams.domain.money import Money
from streams.domain.record import Record
from streams.domain.version import Version, sortable
from streams.ledger.books import Books
from streams.ledger.head import Head, shift
from streams.ledger.opened import LISTED

_VERSION: Final = 20
"""Digits of a share's version: the revision of the books that told it."""


def share_version(revision: int) -> Version:
    """Return the version of what books tell at a revision."""
    return Version(f"{revision:0{_VERSION}}")


def settle(books: Books, record: Record) -> bool:
    """Enter whose Account the client shares by `record`; tell whether anything was decided since."""
    page, said = books.client, record.joined
    if said is None or (at := sortable(said.at)) <= page.decided:
        return False
    page.decided, home = at, said.to or 0
    if home != page.home:
        page.former = [*(it for it in page.former if it != page.home), *([page.home] if page.home else [])]
        page.home, page.moved_by = home, record.id
    books.put_client()
    return True


def enter(books: Books, member: int, version: Version, share: Share) -> bool:
    """Enter what a joined client's books told, unless something newer is known; tell whether it was news."""
    if version <= told(books, member):
        return False
    books.put_share(member, version.encode() + encode(share))
    others = [it for it in books.head.members if it != member]
    books.head.members = others if share.ended else sorted([*others, member])
    return True


def told(books: Books, member: int) -> str:
    """Return the version of what a joined client's books last told; empty when nothing."""
    return books.share(member)[:_VERSION].decode()


def share_of(head: Head) -> Share:
    """Return what books with this head add to the Account that they share."""
    return Share(
        outstanding=_moneys(head.outstanding),
        paid=_moneys(head.paid),
        overdue=_moneys(head.overdue),
        counted=head.counted,
        open=head.open,
        moneyed=head.moneyed,
        numbers=tuple((invoice, number) for invoice, number in head.numbers),
        last_payment=head.last_payment,
        latest=(head.latest[-1][0], head.latest[-1][1], head.latest[-1][2]) if head.latest else None,
    )


def together(books: Books) -> Head:
    """Return the sums of the client and of all who share its Account; its own head where nobody does."""
    head = books.head
    if not head.members:
        return head
    shares = [decode(Share, books.share(member)[_VERSION:]) for member in head.members]
    numbers = [(invoice, number) for invoice, number in head.numbers]
    numbers += [it for share in shares for it in share.numbers]
    count = head.open + sum(share.open for share in shares)
    latest = [(day, invoice, number) for day, invoice, number in head.latest[-1:]]
    latest += [share.latest for share in shares if share.latest]
    return Head(
        revision=head.revision,
        counted=head.counted + sum(share.counted for share in shares),
        open=count,
        moneyed=head.moneyed + sum(share.moneyed for share in shares),
        last_payment=max([head.last_payment, *(share.last_payment for share in shares)]),
        outstanding=_added(head.outstanding, (share.outstanding for share in shares)),
        paid=_added(head.paid, (share.paid for share in shares)),
        overdue=_added(head.overdue, (share.overdue for share in shares)),
        numbers=sorted(numbers) if count <= LISTED else [],
        latest=sorted(latest)[-1:],
    )


def _moneys(totals: dict[str, str]) -> tuple[Money, ...]:
    return tuple(Money(amount=Decimal(totals[it]), currency=it) for it in sorted(totals))


def _added(own: dict[str, str], shares: Iterable[tuple[Money, ...]]) -> dict[str, str]:
    totals = dict(own)
    for share in shares:
        for money in share:
            shift(totals, money.currency, money.amount)
    return totals
