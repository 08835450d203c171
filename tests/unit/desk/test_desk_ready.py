"""When the pages are ready, and what is shown beside."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from app.desk.ready import Database, readiness
from app.view.store import Store


def test_pages_whose_kafka_and_database_answer_are_ready() -> None:
    said = readiness(answers=True, database=True)

    assert said["ready"]
    assert [(each["name"], each["well"]) for each in said["checks"]] == [("kafka", True), ("database", True)]


def test_pages_without_kafka_are_not_ready() -> None:
    assert not readiness(answers=False, database=True)["ready"]


def test_a_database_that_is_away_is_shown_with_its_mend_and_the_other_pages_work() -> None:
    said = readiness(answers=True, database=False)

    assert said["ready"]
    assert "FRESHFORCE_DATABASE_URL" in said["checks"][1]["mend"]


class DeskOf:
    """As much of a desk as its check of the database needs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def store(self) -> Store:
        return self._store


async def test_a_database_that_breaks_while_the_pages_run_is_a_missed_answer_and_ends_nothing(
    tmp_path: Path,
) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/view.sqlite")
    database = Database(DeskOf(store))  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        await database.caught_up()

    async with store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE positions"))

    with pytest.raises(TimeoutError):
        await database.caught_up()
    await store.close()
