"""A connection that reads no books, for its history was copied into it: the log answers for FreshBooks."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.worker.copied_books import CopiedBooks
from app.worker.history import take
from streams.domain.errors import Permanent
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.domain.version import changed_by, version
from tests.builders.records import A_CONNECTION, ACME, a_client, a_record
from tests.fakes.books import FakeBooks

READ = datetime(2026, 11, 29, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 29, 13, tzinfo=UTC)
LOST = Permanent("no FreshBooks", "connect it")


def books(*records: Record, **settings: Any) -> CopiedBooks:
    """Books of a copied connection; its FreshBooks knows client 7 by another name, and nothing else."""
    asked = FakeBooks(now=lambda: READ)
    asked.put(ACME, a_client(7, organization="Now"))
    asked.refused[ACME, ObjectKind.CLIENT, 8] = LOST

    async def newest(connection: ConnectionName, kind: ObjectKind, number: int) -> Record | None:
        found, wanted = dict[Any, Record](), (connection, kind, number)
        for record in records:
            take(found, {wanted}, record)
        return found.get(wanted)

    copied = A_CONNECTION.model_copy(update={"copied": True, **settings})
    return CopiedBooks(asked, {ACME: copied}, newest, lambda: LATER)


async def test_the_newest_record_is_what_freshbooks_would_say() -> None:
    old, new = a_record(a_client(7, organization="Old")), a_record(a_client(7, organization="New"), at=5)

    found = await books(new, old).read(ACME, ObjectKind.CLIENT, 7)

    assert found.snapshot == new.snapshot
    assert version(found.changed_at, found.read_at) == new.version
    assert found.told_at == LATER


@pytest.mark.parametrize("settings", [{"copied": False}, {"removed": True}])
async def test_a_connection_that_was_never_copied_into_or_is_removed_asks_freshbooks_whatever_the_log_says(
    settings: dict[str, bool],
) -> None:
    found = await books(a_record(a_client(7, organization="Old")), **settings).read(
        ACME, ObjectKind.CLIENT, 7
    )

    assert found.snapshot == a_client(7, organization="Now")
    assert found.told_at is None


async def test_what_was_never_copied_is_asked_of_freshbooks() -> None:
    with pytest.raises(Permanent, match="no FreshBooks"):
        await books(a_record(a_client(7))).read(ACME, ObjectKind.CLIENT, 8)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - as it wants
def test_a_version_tells_when_its_object_changed(moment: datetime) -> None:
    assert changed_by(version(moment, READ)) == moment
