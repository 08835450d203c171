"""The audit view's database on a real PostgreSQL, where the machine has one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from app.view.latency_over import walked
from app.view.letters import letters
from app.view.period import Period
from app.view.rows import row
from app.view.store import Store
from app.view.sync import sync
from app.view.trace import trace
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName, ObjectKind
from tests.builders.postgresql import postgresql, programs
from tests.builders.told import a_morning

AT_ONCE = 6
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


def fetched(cause: str, *caused: str) -> bytes:
    """Return the bytes of an entry that tells of the fetching of invoice 123, with all kinds of letters."""
    return encode(
        AuditEntry(
            id=audit_id(Step.FETCH, Verdict.FETCHED, cause),
            connection=ConnectionName("acme"),
            step=Step.FETCH,
            verdict=Verdict.FETCHED,
            cause=cause,
            caused=caused,
            object=ObjectKind.INVOICE,
            object_id=123,
            details={"note": "Öl & 翻訳 🎨"},
        )
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL is installed here, or we may not run one")
    with postgresql(folder) as url:
        yield url


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    await store.clear()
    yield store
    await store.close()


async def test_roles_that_start_together_all_find_their_tables(url: str) -> None:
    engine = (await Store.open(url)).engine
    async with engine.begin() as database:
        await database.exec_driver_sql("DROP TABLE entries, positions")
    await engine.dispose()

    stores = await asyncio.gather(*[Store.open(url) for _ in range(AT_ONCE)])

    assert [await each.positions() for each in stores] == [{}] * AT_ONCE
    await asyncio.gather(*[each.close() for each in stores])


async def test_repeats_are_one_row_and_positions_move_on(store: Store) -> None:
    again = [row(0, 0, 1_000, fetched("a", "b")), row(0, 1, 2_000, fetched("a", "b"))]
    await store.add(again, {0: 2})

    await store.add([row(1, 0, 3_000, fetched("b"))], {0: 3, 1: 1})

    assert await store.positions() == {0: 3, 1: 1}
    told = await trace(store, "acme", "invoice", 123)
    assert [(it.offset, it.entry["cause"]) for it in told] == [(0, "a"), (0, "b")]
    assert await letters(store, "acme") == []


async def test_entries_and_position_are_stored_both_or_neither(store: Store) -> None:
    with pytest.raises(DBAPIError):
        await store.add([row(0, 0, 1_000, fetched("a")) | {"step": None}], {0: 1})

    assert await store.positions() == {}
    assert await trace(store, "acme", "invoice", 123) == []


async def test_the_reports_say_here_what_they_say_of_a_file(store: Store, tmp_path: Path) -> None:
    file = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'view.sqlite'}")
    for each in (store, file):
        await each.add(a_morning(NOON), {0: 6})

    here, there = [await sync(each, "acme", TODAY, NOON) for each in (store, file)]
    walks = [await walked(each, "acme", TODAY, "webhook") for each in (store, file)]
    await file.close()

    assert here == there
    assert (len(here.lines), len(here.causes)) == (1, 2)
    assert walks[0] == walks[1]
    assert len(walks[0].walks) == 1
