"""What flows and what waits, asked of the database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from app.view.flow import counted, waiting
from app.view.store import Store
from streams.domain.audit import Step, Verdict
from streams.domain.result import Outcome
from streams.steps.ends import DISCARDED
from tests.builders.told import a_morning, a_row, an_entry, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_entries_are_counted_by_connection_minute_step_and_verdict(store: Store) -> None:
    entries = [an_entry(Step.FETCH, Verdict.FETCHED, f"e{n}") for n in range(3)]
    await store.add(stored(entries, NOON), {0: 3})
    await store.add(
        stored([an_entry(Step.FETCH, Verdict.FETCHED, "later")], NOON + timedelta(minutes=2), 3), {0: 4}
    )

    found = await counted(store, NOON)

    minute = int(NOON.timestamp()) // 60
    assert sorted((each.minute - minute, each.step, each.verdict, each.count) for each in found) == [
        (0, "fetch", "fetched", 3),
        (2, "fetch", "fetched", 1),
    ]


async def test_what_is_older_than_asked_is_not_counted(store: Store) -> None:
    await store.add(stored([an_entry(Step.FETCH, Verdict.FETCHED, "e")], NOON - timedelta(seconds=1)), {0: 1})

    assert await counted(store, NOON) == []


async def test_counting_reads_the_index_alone(store: Store) -> None:
    await store.add(a_morning(NOON), {0: 6})
    columns = "connection, at / 60000, step, verdict"
    asked = f"EXPLAIN QUERY PLAN SELECT {columns}, count(*) FROM entries WHERE at >= 1 GROUP BY {columns}"

    async with store.engine.connect() as database:
        plan = " ".join(str(row) for row in await database.execute(text(asked)))

    assert "COVERING INDEX by_time" in plan


async def test_a_row_waits_until_it_has_an_end(store: Store) -> None:
    await store.add(stored([a_row("c2", Outcome.PARKED, Verdict.PARKED)], NOON), {0: 1})
    (before,) = await waiting(store, NOON - DAY, 10)

    await store.add(stored([a_row("c2", Outcome.APPLIED, Verdict.APPLIED)], NOON + DAY, 1), {0: 2})

    assert (before.sobject, before.external_id, before.client) == ("Opportunity", "a1:31", 7)
    assert before.why == "Salesforce does not have the row"
    assert await waiting(store, NOON - DAY, 10) == []


async def test_what_ended_and_was_read_again_after_a_crash_does_not_wait_for_ever(store: Store) -> None:
    ended = a_row("c2", Outcome.APPLIED, Verdict.APPLIED)
    await store.add(stored([ended, a_row("c2", Outcome.PARKED, Verdict.PARKED)], NOON), {0: 2})

    await store.add(stored([ended], NOON + DAY, 2), {0: 3})

    assert await waiting(store, NOON - DAY, 10) == []


async def test_what_a_person_discarded_and_had_tried_again_may_wait(store: Store) -> None:
    discarded = a_row("c2", Outcome.SUPERSEDED, Verdict.SUPERSEDED).model_copy(update={"rule": DISCARDED})
    await store.add(stored([discarded, a_row("c2", Outcome.PARKED, Verdict.PARKED)], NOON), {0: 2})

    assert len(await waiting(store, NOON - DAY, 10)) == 1


async def test_no_more_waiting_rows_are_read_than_asked_for(store: Store) -> None:
    await store.add(stored([a_row(f"c{n}", Outcome.PARKED, Verdict.PARKED) for n in range(9)], NOON), {0: 9})

    assert len(await waiting(store, NOON - DAY, 4)) == 4


async def test_a_database_of_an_earlier_release_gets_the_index_that_it_lacks(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'view.sqlite'}"
    before = await Store.open(url)
    async with before.engine.begin() as database:
        await database.execute(text("DROP INDEX by_time"))
    await before.close()

    after = await Store.open(url)

    async with after.engine.connect() as database:
        names = [row[1] for row in await database.execute(text("PRAGMA index_list(entries)"))]
    await after.close()
    assert "by_time" in names
