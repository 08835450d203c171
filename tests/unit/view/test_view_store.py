import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from app.view.chain import Link
from app.view.rows import row
from app.view.store import Moved, NoSuchDatabase, Store
from app.view.tables import METADATA
from app.view.trace import trace
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import SObject
from streams.domain.identity import ClientId, CommandId, ConnectionName, ObjectKind, SalesforceId
from streams.domain.result import Outcome, Result

ACME = ConnectionName("acme")


def said(
    step: Step, verdict: Verdict, cause: str, *caused: str, of: str = "", client: int = 0, **more: Any
) -> bytes:
    kind = of or ("invoice" if step is Step.FETCH else "")
    return encode(
        AuditEntry(
            id=audit_id(step, verdict, cause),
            connection=ACME,
            client=ClientId(client) if client else None,
            step=step,
            verdict=verdict,
            cause=cause,
            caused=caused,
            object=ObjectKind(kind) if kind else None,
            object_id=123 if kind else None,
            **more,
        )
    )


APPLIED = Result(
    command=CommandId("command"),
    outcome=Outcome.APPLIED,
    sobject=SObject.OPPORTUNITY,
    external_id="x:123",
    version=1,
    salesforce_id=SalesforceId("006000000000001AAA"),
)

A_LIFE = (
    said(Step.FETCH, Verdict.FETCHED, "event", "record"),
    said(Step.TRANSLATE, Verdict.TRANSLATED, "record", "command"),
    said(Step.DELIVER, Verdict.APPLIED, "command", result=APPLIED),
)


async def test_the_position_moves_with_the_entries_before_it(store: Store) -> None:
    await store.add([row(2, 7, 1_000, A_LIFE[0])], {2: 8})

    assert await store.positions() == {2: 8}


async def test_a_repeat_in_the_topic_is_one_row(store: Store) -> None:
    await store.add([row(0, 0, 1_000, A_LIFE[0])], {0: 1})
    await store.add([row(0, 1, 2_000, A_LIFE[0])], {0: 2})

    (happening,) = await trace(store, "acme", "invoice", 123)

    assert happening.offset == 0


async def test_a_trace_follows_causes_from_the_event_to_the_salesforce_id(store: Store) -> None:
    await store.add([row(0, at, 1_000 + at, value) for at, value in enumerate(A_LIFE)], {0: 3})

    steps = [happening.entry["step"] for happening in await trace(store, "acme", "invoice", 123)]

    assert steps == ["fetch", "translate", "deliver"]


async def test_what_brought_news_of_the_object_is_part_of_its_life(store: Store) -> None:
    payment = said(Step.FETCH, Verdict.FETCHED, "payment's event", "invoice's record", of="payment", client=5)
    own = said(Step.TRANSLATE, Verdict.TRANSLATED, "invoice's record", "command", of="invoice", client=5)
    stranger = said(Step.FETCH, Verdict.FETCHED, "another's event", "a record", of="payment", client=5)
    entries = [row(0, at, 1_000 + at, value) for at, value in enumerate((payment, own, stranger))]
    await store.add(entries, {0: 3})

    causes = [happening.entry["cause"] for happening in await trace(store, "acme", "invoice", 123)]

    assert causes == ["payment's event", "invoice's record"]


async def test_entries_and_position_are_stored_both_or_neither(store: Store) -> None:
    with pytest.raises(IntegrityError):
        await store.add([row(0, 0, 1_000, A_LIFE[0]) | {"step": None}], {0: 1})

    assert await store.positions() == {}
    assert await trace(store, "acme", "invoice", 123) == []


async def test_what_was_forgotten_can_be_stored_again(store: Store) -> None:
    await store.add([row(0, 0, 1_000, A_LIFE[0])], {0: 1})

    await store.clear()

    assert await store.positions() == {}
    await store.add([row(0, 0, 1_000, A_LIFE[0])], {0: 1})
    assert len(await trace(store, "acme", "invoice", 123)) == 1


async def test_whoever_reads_while_a_view_is_cleared_finds_all_of_it_or_nothing(
    store: Store, tmp_path: Path
) -> None:
    """Another process: what had no tables for a moment ended the view role."""
    await store.add([row(0, 0, 1_000, A_LIFE[0])], {0: 1})
    found = list[Any]()

    def look(*_: object, **__: object) -> None:
        with closing(sqlite3.connect(tmp_path / "view.sqlite")) as other:
            found.extend(other.execute("SELECT partition, next_offset FROM positions").fetchall())

    event.listen(METADATA, "before_create", look)
    try:
        await store.clear()
    finally:
        event.remove(METADATA, "before_create", look)

    assert found == [(0, 1)]
    assert await store.positions() == {}


async def test_a_batch_and_a_clearing_elsewhere_do_not_mix(store: Store, tmp_path: Path) -> None:
    """What was looked at is what is written upon: nobody comes between."""
    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'view.sqlite'}")
    batches = [{0: [Link(offset, b"digest")]} for offset in range(40)]

    async def follow() -> int:
        for offset, chains in enumerate(batches):
            try:
                await store.follow([], {0: Link(offset - 1, b"digest")}, chains)
            except Moved:
                return offset
        return len(batches)

    async def clear() -> None:
        await asyncio.sleep(0.02)
        await other.clear()

    await asyncio.gather(follow(), clear())

    assert await store.positions() == {}
    assert await store.heads() == {}
    await other.close()


async def test_a_trace_leaves_out_what_happened_to_others(store: Store) -> None:
    other = said(Step.TRANSLATE, Verdict.TRANSLATED, "another record", "another command")
    await store.add([row(0, 0, 1_000, A_LIFE[0]), row(0, 1, 1_001, other)], {0: 2})

    assert len(await trace(store, "acme", "invoice", 123)) == 1


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"id":"x","client":{"a":1}}',
        b'{"id":"x","client":true}',
        b'{"id":"x","step":null}',
        b'{"id":"x","object_id":9223372036854775808}',
        b'{"id":"x","object_id":-9223372036854775809}',
        b'{"id":"x","verdict":"seventeen letters"}',
        b'{"id":"x","connection":"a\\u0000b"}',
        b'{"id":"x","result":"applied"}',
    ],
)
def test_what_no_table_could_hold_is_refused_before_it_gets_there(value: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        row(0, 0, 1_000, value)


async def test_an_entry_of_a_newer_writer_is_kept_with_what_we_do_not_know(store: Store) -> None:
    newer = b'{"id":"x","connection":"acme","object":"invoice","object_id":123,"mood":"fine"}'

    await store.add([row(0, 0, 1_000, newer)], {0: 1})

    (happening,) = await trace(store, "acme", "invoice", 123)
    assert happening.entry["mood"] == "fine"


async def test_opening_waits_while_another_process_makes_the_tables(tmp_path: Path) -> None:
    """PostgreSQL says so by a constraint that the loser breaks."""
    tries: list[str] = []

    def lose_once(*_: object, **__: object) -> None:
        tries.append("once")
        if len(tries) == 1:
            raise IntegrityError(None, None, Exception("pg_type_typname_nsp_index"))

    event.listen(METADATA, "before_create", lose_once)
    try:
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/view.db")
    finally:
        event.remove(METADATA, "before_create", lose_once)

    assert await store.positions() == {}
    assert len(tries) == 2
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        *("postgresql://host/view", "postgresql+asyncpg://host:port/view", "mysql+aiomysql://host/view"),
        *("sqlite:///view.db", "view.db"),
    ],
)
async def test_a_url_that_we_cannot_use_says_what_we_can(url: str) -> None:
    with pytest.raises(NoSuchDatabase) as refused:
        await Store.open(url)

    assert "sqlite+aiosqlite:///" in refused.value.mend
    assert url not in str(refused.value), "it may hold a password"
