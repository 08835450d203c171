"""What the books of joined clients tell each other, by way of the log."""

from collections.abc import Iterator

from streams.codec import encode
from streams.domain.identity import ClientId, ObjectKind, RecordId, digest
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import Folded, News
from streams.ledger.joining import share_of, share_version


def shares(record: Record, books: Books, folded: Folded) -> Iterator[Record]:
    """Yield what the books add to the Account that they share, whenever that may have changed.

    Those whose Account they shared before are told that they do no longer.
    """
    page = books.client
    for former in page.former if folded.moved else ():
        if former != page.home:
            yield _share(record, books, former, Share(ended=True))
    if page.home and (folded.moved or folded.aged or folded.news is not News.OLD):
        yield _share(record, books, page.home, share_of(books.head))


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
