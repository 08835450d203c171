"""Dead letters as the audit tells of them: where each stands, why, and what closed it."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.behind import CLIENTS, Client, behind
from app.view.closings import Closing, acts, moment, overtaken
from app.view.store import Store
from app.view.tables import ENTRIES, unindexed
from streams.domain.audit import Step, Verdict
from streams.domain.command import OF_INVOICE
from streams.domain.identity import ObjectKind
from streams.domain.place import Place

SHORTEST: Final = 6
"""Digits of an id's beginning that are enough to mean it, if no other begins the same."""
AT_ONCE: Final = 500
"""Letters in memory where one is done with as soon as it is seen."""
_BURIED: Final = select(ENTRIES).where(ENTRIES.c.verdict == Verdict.DEAD_LETTER.value)
_NEWEST_FIRST: Final = (ENTRIES.c.at.desc(), ENTRIES.c.partition, ENTRIES.c.offset)


class Cause(NamedTuple):
    """Why messages could not be handled, and by which step."""

    code: str
    step: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that could not be handled."""

    id: str
    at: datetime
    """When it was buried."""
    connection: str
    step: str
    code: str
    reason: str
    mend: str
    place: Place
    """Where the message stands that could not be handled."""
    entry: Mapping[str, Any]
    """The audit entry that tells of it."""
    closed: Closing | None = None
    """Why nothing is left to do; None while something is."""
    behind: int = 0
    """Rows of its client that wait until something is done about it, while it is open."""
    newer: str = ""
    """The open letter of the newest state of its row, if that is another: what waits goes by that one."""

    @property
    def cause(self) -> Cause:
        """What it has in common with others, which are mended together, most likely."""
        return Cause(self.code, self.step)

    @property
    def row(self) -> str:
        """The Salesforce row that stays behind; empty when the message had not come that far."""
        result = self.entry.get("result") or {}
        return f"{result['sobject']} {result['external_id']}" if result else ""

    @property
    def about(self) -> tuple[str, int] | None:
        """The FreshBooks object that it is about, by kind and number; None where nobody could read so far."""
        entry, result = self.entry, self.entry.get("result") or {}
        if entry.get("object"):
            return entry["object"], entry["object_id"]
        number = result.get("external_id", "").rpartition(":")[2]
        if result.get("sobject") in OF_INVOICE and number.isascii() and number.isdigit():
            return ObjectKind.INVOICE.value, int(number)
        return None if entry.get("client") is None else (ObjectKind.CLIENT.value, entry["client"])

    @property
    def why(self) -> str:
        """The reason without its code, which stands beside it: letters of earlier releases begin with it."""
        begun = re.match(rf"{re.escape(self.code)}( \([^)]*\))?: ", self.reason)
        if begun is None:
            return self.reason
        said, fields = self.reason[begun.end() :], begun[1] or ""
        return said if fields in said else f"{said}{fields}"


@dataclass(frozen=True, slots=True)
class Group:
    """Letters with one cause at one step: mended together, most likely."""

    code: str
    step: str
    mend: str
    letters: tuple[Letter, ...]
    """Newest first."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.letters)

    @property
    def behind(self) -> int:
        """How many rows wait behind them: a client's wait behind all of its letters."""
        return sum({(it.connection, it.entry.get("client")): it.behind for it in self.letters}.values())


async def letters(store: Store, connection: str = "", most: int | None = None) -> list[Letter]:
    """Return all dead letters, or the newest so many, of one connection or of all, newest first."""
    buried = _BURIED
    if connection:
        buried = buried.where(ENTRIES.c.connection == connection)
    async with store.reading() as database:
        rows = (await database.execute(buried.order_by(*_NEWEST_FIRST).limit(most))).all()
        found = await _closed(database, rows)
        held = {client for it in found if (client := _holds_back(it))}
        waiting = await behind(database, held)
    newest = _newest(found)
    return [
        replace(it, behind=waiting.get(_holds_back(it) or ("", 0), 0), newer=newest.get(it.id, ""))
        for it in found
    ]


async def of_clients(store: Store, clients: Iterable[Client]) -> list[Letter]:
    """Return the open dead letters of some clients, however old; not what waits behind them."""
    asked, found = sorted(set(clients)), list[Letter]()
    buried = unindexed(ENTRIES.c.verdict) == Verdict.DEAD_LETTER.value
    async with store.reading() as database:
        for start in range(0, len(asked), CLIENTS):
            its = tuple_(ENTRIES.c.connection, ENTRIES.c.client).in_(asked[start : start + CLIENTS])
            rows = (await database.execute(select(ENTRIES).where(its, buried))).all()
            found += [it for it in await _closed(database, rows) if it.closed is None]
    newest = _newest(found)
    return [replace(it, newer=newest.get(it.id, "")) for it in found]


async def told_by(store: Store, entries: Sequence[str]) -> list[Letter]:
    """Return the letters that some audit entries tell of, oldest first; not what waits behind them."""
    found: list[Letter] = []
    async with store.reading() as database:
        for start in range(0, len(entries), AT_ONCE):
            its = ENTRIES.c.id.in_(entries[start : start + AT_ONCE])
            rows = (await database.execute(select(ENTRIES).where(its))).all()
            found += await _closed(database, rows)
    return sorted(found, key=lambda it: it.at)


async def still_open(store: Store, connection: str) -> AsyncIterator[Letter]:
    """Yield the open letters of a connection, newest first, however many there are; not what waits behind."""
    asked = _BURIED.where(ENTRIES.c.connection == connection).order_by(*_NEWEST_FIRST)
    async with store.reading() as stream, store.reading() as database:
        async for rows in (await stream.stream(asked)).partitions(AT_ONCE):
            for letter in await _closed(database, rows):
                if letter.closed is None:
                    yield letter


def groups(found: Iterable[Letter]) -> list[Group]:
    """Return the letters grouped by cause and step, the largest group first."""
    alike: dict[Cause, list[Letter]] = {}
    for letter in found:
        alike.setdefault(letter.cause, []).append(letter)
    sizes = {cause: len(its) for cause, its in alike.items()}
    return [Group(*cause, alike[cause][0].mend, tuple(alike[cause])) for cause in largest_first(sizes)]


def largest_first(counts: Mapping[Cause, int]) -> list[Cause]:
    """Return the causes in the order in which people see to them."""
    return sorted(counts, key=lambda cause: (-counts[cause], cause))


def meant(found: Iterable[Letter], beginning: str) -> list[Letter]:
    """Return the letters whose id is, or begins with, `beginning`: one, unless it is unknown or too short."""
    if len(beginning) < SHORTEST:
        return []
    return [letter for letter in found if letter.id.startswith(beginning)]


async def _closed(database: AsyncConnection, rows: Sequence[Any]) -> list[Letter]:
    """Return the letters that `rows` tell of, each with what closed it."""
    found = [_letter(row) for row in rows]
    by_letter = await acts(database, [it.id for it in found])
    by_entry = await overtaken(database, rows)
    return [
        replace(it, closed=by_letter.get(it.id) or by_entry.get(row.id))
        for it, row in zip(found, rows, strict=True)
    ]


def _holds_back(letter: Letter) -> Client | None:
    """Return the client whose rows wait behind a letter; None when none can."""
    client = letter.entry.get("client")
    if client is None or letter.closed is not None or letter.step != Step.DELIVER.value:
        return None
    return letter.connection, int(client)


def _newest(found: Iterable[Letter]) -> dict[str, str]:
    """Return the open letter of the newest state of a row, by the ids of the open ones of older states."""
    states: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    for it in found:
        if it.closed is None and it.row:
            row = it.connection, it.entry.get("client"), it.row
            states.setdefault(row, []).append((it.entry["result"]["version"], it.id))
    return {
        older: newest
        for its in states.values()
        for last, newest in [max(its)]
        for version, older in its
        if version < last
    }


def _letter(row: Any) -> Letter:
    entry = orjson.loads(row.entry)
    details = entry["details"]
    topic, partition, offset = details["place"].rsplit("/", 2)
    return Letter(
        id=entry["caused"][0],
        at=moment(row.at),
        connection=row.connection,
        step=row.step,
        code=entry["rule"],
        reason=details["reason"],
        mend=details["mend"],
        place=Place(topic=topic, partition=int(partition), offset=int(offset)),
        entry=entry,
    )
