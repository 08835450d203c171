"""The view's database: entries and positions in one transaction, SQLite or PostgreSQL."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import stamina
from sqlalchemy import delete, event, make_url, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    InvalidRequestError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.view.chain import Link, stays
from app.view.tables import ENTRIES, LINKS, METADATA, POSITIONS
from streams.domain.errors import Misconfigured, Unreachable

_INSERT: Final[Mapping[str, Callable[..., Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_OTHERS_AT_IT: Final = (OperationalError, IntegrityError, ProgrammingError)
"""What SQLite (the first) and PostgreSQL say when two processes create the tables in the same moment."""
_PATIENCE: Final[Mapping[str, Mapping[str, float]]] = {
    "sqlite": {},
    "postgresql": {"timeout": 10, "command_timeout": 60},
}
"""Seconds until a silent database counts as gone; a file falls silent to nobody."""


class DatabaseAway(Unreachable):
    """The view's database cannot be used now."""

    mend = "see that the database of FRESHFORCE_DATABASE_URL runs; a file of ours is made by the view role"

    def __init__(self, why: str) -> None:
        super().__init__("the view's database", why)


class Moved(RuntimeError):
    """Somebody else stored entries, or cleared the view: read where it stands now."""


class NoSuchDatabase(Misconfigured):
    """The view's URL names a database that we do not know."""

    code = "no-such-database"
    mend = "set FRESHFORCE_DATABASE_URL to sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"


class Store:
    """Where the view lives. Open it with `Store.open(url)`; close it when done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._dialect = engine.dialect.name

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to `url` (sqlite+aiosqlite:///… or postgresql+asyncpg://…) and create what is missing.

        Raises:
            NoSuchDatabase: the URL is none of these.
            DatabaseAway: the database gives no answer, or there is no folder for its file.
        """
        engine = _engine(url)
        if engine.dialect.name == "sqlite":
            _check_folder(engine.url.database)
            event.listen(engine.sync_engine, "connect", _tune_sqlite)
        try:
            await _create(engine)
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            raise DatabaseAway(type(error).__name__) from None
        return cls(engine)

    async def close(self) -> None:
        """Let go of the database."""
        await self.engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to ask by.

        Raises:
            DatabaseAway: the database broke, however long ago it was opened.
        """
        try:
            async with self.engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseAway(type(error).__name__) from None

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection whose looks and changes, also of tables themselves, are one: all or nothing.

        SQLite's driver begins at the first row that is written only, never for a table.
        """
        async with self.engine.begin() as connection:
            if self._dialect == "sqlite":
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    async def positions(self) -> dict[int, int]:
        """Return the next offset to read of each partition seen so far."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(POSITIONS))
            return {row.partition: row.next_offset for row in rows}

    async def heads(self) -> dict[int, Link]:
        """Return the newest link of each partition's hash chain."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(LINKS).order_by(LINKS.c.offset))
            return {row.partition: Link(row.offset, row.digest) for row in rows}

    async def add(self, rows: Sequence[Mapping[str, Any]], positions: Mapping[int, int]) -> None:
        """Store `rows` and move on to `positions`, both or neither; repeats of an id are dropped."""
        async with self._writing() as connection:
            await self._add(connection, rows, positions)

    async def follow(
        self,
        rows: Sequence[Mapping[str, Any]],
        before: Mapping[int, Link],
        chains: Mapping[int, Sequence[Link]],
    ) -> None:
        """Store `rows` and the chains of the entries that they are of, from `before` on: all or nothing.

        Raises:
            Moved: the view does not stand at `before` any more; nothing was stored.
        """
        async with self._writing() as connection:
            stood = {row.partition: row.next_offset for row in await connection.execute(select(POSITIONS))}
            if any(stood.get(at, 0) != before[at].offset + 1 for at in chains):
                raise Moved
            await self._add(connection, rows, {at: chain[-1].offset + 1 for at, chain in chains.items()})
            passing = [(at, before[at].offset) for at in chains if not stays(before[at])]
            await connection.execute(
                delete(LINKS).where(tuple_(LINKS.c.partition, LINKS.c.offset).in_(passing))
            )
            await connection.execute(LINKS.insert(), [*_kept(chains)])

    async def _add(
        self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]], positions: Mapping[int, int]
    ) -> None:
        if rows:
            await connection.execute(without_repeats(self._dialect), rows)
        moved = [{"partition": p, "next_offset": o} for p, o in positions.items()]
        await connection.execute(move_on(self._dialect), moved)

    async def clear(self) -> None:
        """Forget everything, to be rebuilt from the topic."""
        async with self._writing() as connection:
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


def _kept(chains: Mapping[int, Sequence[Link]]) -> Iterator[dict[str, Any]]:
    """Yield the links to keep: those that stay, and the newest of each partition."""
    for at, chain in chains.items():
        for link in chain:
            if stays(link) or link is chain[-1]:
                yield {"partition": at, "offset": link.offset, "digest": link.digest}


def _engine(url: str) -> AsyncEngine:
    """Return what speaks to the database at `url`; one that falls silent is given up after a while."""
    try:
        dialect = make_url(url).get_dialect().name
        return create_async_engine(url, connect_args=_PATIENCE[dialect])
    except (ArgumentError, InvalidRequestError, ModuleNotFoundError, KeyError, ValueError):
        message = "the view's database is neither SQLite nor PostgreSQL as we speak to them"
        raise NoSuchDatabase(message) from None


@stamina.retry(on=_OTHERS_AT_IT, attempts=10, timeout=5.0, wait_initial=0.05, wait_max=0.5)
async def _create(engine: AsyncEngine) -> None:
    """Create what is missing; another process may be at it in the same moment, and one of them wins."""
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        for index in ENTRIES.indexes:  # a table that an earlier release made lacks the newer ones
            await connection.run_sync(partial(index.create, checkfirst=True))


def _check_folder(database: str | None) -> None:
    if database and not Path(database).parent.is_dir():
        why = "there is no folder for its file"
        raise DatabaseAway(why)


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # the topic is the truth; a lost tail is read again
    cursor.close()
