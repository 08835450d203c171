"""The view's database: entries and positions in one transaction, SQLite or PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import stamina
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.view.tables import ENTRIES, METADATA, POSITIONS
from streams.domain.errors import Unreachable

_INSERT: Final[Mapping[str, Callable[..., Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Store:
    """Where the view lives. Open it with `Store.open(url)`; close it when done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._dialect = engine.dialect.name

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to `url` (sqlite+aiosqlite:///… or postgresql+asyncpg://…) and create what is missing.

        Raises:
            Unreachable: the database gives no answer, or there is no folder for its file.
        """
        engine = create_async_engine(url)
        if engine.dialect.name == "sqlite":
            _check_folder(engine.url.database)
            event.listen(engine.sync_engine, "connect", _tune_sqlite)
        try:
            await _create(engine)
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            api, why = "the view's database", type(error).__name__
            raise Unreachable(api, why) from None
        return cls(engine)

    async def close(self) -> None:
        """Let go of the database."""
        await self.engine.dispose()

    async def positions(self) -> dict[int, int]:
        """Return the next offset to read of each partition seen so far."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(POSITIONS))
            return {row.partition: row.next_offset for row in rows}

    async def add(self, rows: Sequence[Mapping[str, Any]], positions: Mapping[int, int]) -> None:
        """Store `rows` and move on to `positions`, both or neither; repeats of an id are dropped."""
        async with self.engine.begin() as connection:
            if rows:
                await connection.execute(without_repeats(self._dialect), rows)
            moved = [{"partition": p, "next_offset": o} for p, o in positions.items()]
            await connection.execute(move_on(self._dialect), moved)

    async def clear(self) -> None:
        """Forget everything, to be rebuilt from the topic."""
        async with self.engine.begin() as connection:
            await connection.run_sync(METADATA.drop_all)
            await connection.run_sync(METADATA.create_all)


def without_repeats(dialect: str) -> Any:
    """Return the statement that stores entries and drops repeats of an id."""
    return _INSERT[dialect](ENTRIES).on_conflict_do_nothing(index_elements=["id"])


def move_on(dialect: str) -> Any:
    """Return the statement that keeps positions."""
    insert = _INSERT[dialect](POSITIONS)
    return insert.on_conflict_do_update(
        index_elements=["partition"], set_={"next_offset": insert.excluded.next_offset}
    )


@stamina.retry(on=OperationalError, attempts=10, timeout=5.0, wait_initial=0.05, wait_max=0.5)
async def _create(engine: AsyncEngine) -> None:
    """Create what is missing; another process may be at it in the same moment, and SQLite takes one."""
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)


def _check_folder(database: str | None) -> None:
    if database and not Path(database).parent.is_dir():
        api, why = "the view's database", "there is no folder for its file"
        raise Unreachable(api, why)


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # the topic is the truth; a lost tail is read again
    cursor.close()
