"""What the books of joined clients tell each other, by way of the log."""

from collections.abc import Iterator
from typing import Final

from streams.codec import encode
from streams.domain.identity import ClientId, ObjectKind, RecordId, digest
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import Folded, News
from streams.ledger.joining import share_of, share_version

_SHORT: Final = 16
"""Digits of a digest that tell two shares of one client apart."""


def shares(record: Record, books: Books, folded: Folded) -> Iterator[Record]:
    """Yield what the books add to the Account that they share, where that has changed; the page keeps what.

    Those whose Account they shared before are told that they do no longer. A record that is read again after
    a crash tells again what it told: the books may know of it and the log not.
    """
    page = books.client
    for former in page.former if folded.moved else ():
        if former != page.home:
            yield _share(record, books, former, Share(ended=True))
    if page.home and (folded.moved or folded.aged or folded.news is not News.OLD):
        share = share_of(books.head)
        said = digest("share", str(page.home), encode(share).decode())[:_SHORT]
        known = said == page.shared and not folded.moved
        if not known or record.id == page.shared_by or record.nonce:
            page.shared, page.shared_by = said, record.id
            books.put_client()
            yield _share(record, books, page.home, share)


def _share(record: Record, books: Books, to: int, share: Share) -> Record:
    revision = books.head.revision
    named = ("share", record.id, str(to), str(revision), encode(share).decode())
    return Record(
        id=RecordId(digest(*named)),
        connection=record.connection,
        client=ClientId(to),
        object=ObjectKind.CLIENT,
        object_id=record.client,
        version=share_version(revision),
        read_at=record.read_at,
        cause=record.cause,
        snapshot=share,
    )
