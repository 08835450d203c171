"""A connection that reads no books, for its history was copied into it: the log answers for FreshBooks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.worker.copied_books import CopiedBooks, newer_of
from streams.domain.errors import Permanent
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.domain.version import changed_by, version
from tests.builders.records import ACME, a_client, a_record, an_invoice
from tests.fakes.books import FakeBooks

READ = datetime(2026, 11, 29, 12, tzinfo=UTC)
LOST = Permanent("no FreshBooks", "connect it")


def books(*records: Record, reads: bool = False) -> CopiedBooks:
    """Books whose FreshBooks knows client 7 by another name, and nothing else."""
    asked = FakeBooks(now=lambda: READ)
    asked.put(ACME, a_client(7, organization="Now"))
    asked.refused[ACME, ObjectKind.CLIENT, 8] = LOST

    async def newest(_: ConnectionName, kind: ObjectKind, number: int) -> Record | None:
        found = None
        for record in records:
            found = newer_of(found, record, (kind, number))
        return found

    return CopiedBooks(asked, lambda _: reads, newest)


async def test_the_newest_record_is_what_freshbooks_would_say() -> None:
    old, new = a_record(a_client(7, organization="Old")), a_record(a_client(7, organization="New"), at=5)

    found = await books(new, old).read(ACME, ObjectKind.CLIENT, 7)

    assert found.snapshot == new.snapshot
    assert version(found.changed_at, found.read_at) == new.version


async def test_a_connection_that_reads_books_asks_freshbooks_whatever_the_log_says() -> None:
    found = await books(a_record(a_client(7, organization="Old")), reads=True).read(
        ACME, ObjectKind.CLIENT, 7
    )

    assert found.snapshot == a_client(7, organization="Now")


async def test_what_was_never_copied_is_asked_of_freshbooks() -> None:
    with pytest.raises(Permanent, match="no FreshBooks"):
        await books(a_record(a_client(7))).read(ACME, ObjectKind.CLIENT, 8)


def test_an_invoice_that_went_to_another_client_is_what_that_one_has() -> None:
    here = a_record(an_invoice(31, client=8))
    away = a_record(an_invoice(31, client=7), at=9).model_copy(
        update={"snapshot": Gone(moved_to=ClientId(8))}
    )

    assert newer_of(here, away, (ObjectKind.INVOICE, 31)) == here
    assert newer_of(None, here, (ObjectKind.INVOICE, 32)) is None


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - as it wants
def test_a_version_tells_when_its_object_changed(moment: datetime) -> None:
    assert changed_by(version(moment, READ)) == moment
