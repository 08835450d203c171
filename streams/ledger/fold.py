"""Fold a record into its client's books; tell whether it was news, and whose rows it concerns.

Of each object the newest snapshot counts, and the newest vanishing beside it, so every order of arrival
ends in the same books. Only what is strictly older is old news: after a crash the books may hold a
record whose commands were lost, so an equal one is told again, with all that it or a lost predecessor
of the same object concerned.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import assert_never

from streams.domain.identity import ObjectKind
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone, Invoice, Payment
from streams.ledger.books import Books
from streams.ledger.count import count, recount
from streams.ledger.due import advance, day_of
from streams.ledger.facts import ClientFacts, InvoiceFacts, Naming, PaymentFacts, Standing
from streams.ledger.itemised import Itemised
from streams.ledger.joining import enter, settle, told
from streams.ledger.listing import enlist
from streams.ledger.pages import InvoicePage, PaymentPage


class News(Enum):
    """What a record is to the books."""

    OLD = auto()
    SAME = auto()
    NEW = auto()


@dataclass(frozen=True, slots=True)
class Folded:
    """What a record did to the books."""

    news: News
    invoices: tuple[int, ...] = ()
    """The invoices whose rows it concerns by itself."""
    client: bool = False
    """Whether it is about the client itself."""
    renamed_from: Naming | None = None
    renamed: bool = False
    """Whether rows of other invoices may call the client by what it was called before: `renamed_from`."""
    aged: bool = False
    """Whether it was read on a later day than all before it, and something is overdue since."""
    moved: bool = False
    """Whether it came to share another Account, or has its own again: all its rows look different."""
    yielded: bool = False
    """Whether the invoice was here and went to another client, which was not said yet of this state."""
    changed: bool = False
    """Whether the books are to be saved."""


def fold(books: Books, record: Record, *, lines: bool = False) -> Folded:
    """Change `books` (not yet saved) by what `record` says, and by the day on which it was read.

    That day counts even of old news, or the rows would hang on the order of arrival. A record that makes
    something overdue is told again after a crash as any other, though its object be old news.
    With `lines` the lines of invoices are kept, too. That they are kept is a mapping's wish and no news of
    FreshBooks': the revision is the same with and without.
    """
    head, day = books.head, books.head.day
    aged = advance(books.shelf, head, day_of(record.read_at))
    decided = settle(books, record)
    folded = _folded(books, record)
    if aged:
        head.aged_by = record.id
    itemised = lines and _itemised(books, record)
    if aged or decided or folded.news is News.NEW:
        head.revision += 1
    changed = decided or itemised or folded.news is News.NEW or head.day != day
    aged, moved = aged or head.aged_by == record.id, books.client.moved_by == record.id
    return replace(folded, aged=aged, moved=moved, changed=changed)


def _folded(books: Books, record: Record) -> Folded:
    match record.snapshot:
        case Invoice() as invoice:
            return _invoice(books, record, InvoiceFacts.of(record.version, invoice))
        case Payment() as payment:
            return _payment(books, record, PaymentFacts.of(record.version, payment))
        case Client() as client:
            return _client(books, record, ClientFacts.of(record.version, client))
        case Gone() as gone:
            return _gone(books, record, gone)
        case Share() as share:
            return _share(books, record, share)
        case never:
            assert_never(never)


def _itemised(books: Books, record: Record) -> bool:
    """Enter the lines that the newest state of an invoice has; tell whether they were not known."""
    invoice = record.snapshot
    if not isinstance(invoice, Invoice) or invoice.lines is None:
        return False
    page = books.invoice(record.object_id)
    newest = page.facts is not None and page.facts.version == record.version
    if not newest or (page.lines and page.lines.version == record.version):
        return False
    page.lines = Itemised.of(record.version, invoice, invoice.lines)
    books.put_invoice(record.object_id)
    return True


def _gone(books: Books, record: Record, gone: Gone) -> Folded:
    match record.object:
        case ObjectKind.CLIENT:
            return _client(books, record, None)
        case ObjectKind.INVOICE:
            return _invoice(books, record, None, moved=gone.moved_to is not None)
        case ObjectKind.PAYMENT:
            return _payment(books, record, None)
        case never:
            assert_never(never)


def _share(books: Books, record: Record, share: Share) -> Folded:
    news = _news(record.version, told(books, record.object_id))
    enter(books, record.object_id, record.version, share)
    return Folded(news)


def _news(version: str, known: str) -> News:
    if version == known:
        return News.SAME
    return News.NEW if version > known else News.OLD


def _newest(facts: ClientFacts | InvoiceFacts | PaymentFacts | None, gone: str) -> str:
    """Return the version that a vanishing must not be older than."""
    return max(facts.version if facts else "", gone)


def _client(books: Books, record: Record, facts: ClientFacts | None) -> Folded:
    page = books.client
    known = (page.facts.version if page.facts else "") if facts else _newest(page.facts, page.gone)
    news = _news(record.version, known)
    if news is not News.NEW:
        return Folded(news, (), client=True, renamed_from=page.before, renamed=news is News.SAME)
    naming = page.naming
    if facts:
        page.facts = facts
    else:
        page.gone = record.version
    renamed = page.naming != naming
    if renamed:
        page.before = naming
    books.put_client()
    return Folded(news, (), client=True, renamed_from=page.before, renamed=renamed)


def _invoice(books: Books, record: Record, facts: InvoiceFacts | None, *, moved: bool = False) -> Folded:
    number = record.object_id
    page = books.invoice(number)
    news, was = _news(record.version, _invoice_known(page, facts, moved=moved)), page.standing
    if news is News.NEW:
        before = count(page)
        _know(books, number)
        if facts:
            page.facts = facts
        elif moved:
            page.left = record.version
        else:
            page.gone = record.version
        books.put_invoice(number)
        recount(books.shelf, books.head, number, before, count(page))
    away = page.facts is not None and page.standing is Standing.MOVED
    repeated = moved and news is News.NEW and was is Standing.MOVED
    return Folded(news, (number,), yielded=away and news is not News.OLD and not repeated)


def _invoice_known(page: InvoicePage, facts: InvoiceFacts | None, *, moved: bool) -> str:
    if facts:
        return page.facts.version if page.facts else ""
    return page.left if moved else _newest(page.facts, page.gone)


def _payment(books: Books, record: Record, facts: PaymentFacts | None) -> Folded:
    page = books.payment(record.object_id)
    known = (page.facts.version if page.facts else "") if facts else _newest(page.facts, page.gone)
    news = _news(record.version, known)
    if news is News.NEW:
        if facts:
            page.facts = facts
        else:
            page.gone = record.version
        _file(books, record.object_id, page)
    return Folded(news, tuple(reversed(page.invoices)))


def _file(books: Books, payment: int, page: PaymentPage) -> None:
    """Put a payment where it belongs now, and take it from wherever it stood before."""
    if page.facts and page.facts.invoice not in page.invoices[-1:]:
        page.invoices = [*(it for it in page.invoices if it != page.facts.invoice), page.facts.invoice]
    for invoice in page.invoices:
        here = page.facts and page.facts.invoice == invoice
        _stand(books, invoice, payment, page.received_on if here else "")
    books.put_payment(payment, page)


def _stand(books: Books, invoice: int, payment: int, day: str) -> None:
    """Let a payment stand on an invoice as of `day`; no day: it does not stand there."""
    page = books.invoice(invoice)
    if page.payments.get(str(payment), "") == day:
        return
    before = count(page)
    _know(books, invoice)
    if day:
        page.payments[str(payment)] = day
    else:
        del page.payments[str(payment)]
    books.put_invoice(invoice)
    recount(books.shelf, books.head, invoice, before, count(page))


def _know(books: Books, invoice: int) -> None:
    """List an invoice that the books see for the first time."""
    if not books.knows(invoice):
        enlist(books.shelf, books.head, invoice)
