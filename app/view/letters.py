"""Dead letters as the audit tells of them: where each stands, why, and what closed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.behind import Client, behind
from app.view.closings import Closing, acts, moment, overtaken
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict
from streams.domain.place import Place

SHORTEST: Final = 6
"""Digits of an id's beginning that are enough to mean it, if no other begins the same."""


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
    def row(self) -> str:
        """The Salesforce row that stays behind; empty when the message had not come that far."""
        result = self.entry.get("result") or {}
        return f"{result['sobject']} {result['external_id']}" if result else ""


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
    buried = select(ENTRIES).where(ENTRIES.c.verdict == Verdict.DEAD_LETTER.value)
    if connection:
        buried = buried.where(ENTRIES.c.connection == connection)
    async with store.reading() as database:
        by_letter = await acts(database)
        asked = buried.order_by(ENTRIES.c.at.desc(), ENTRIES.c.partition, ENTRIES.c.offset).limit(most)
        rows = (await database.execute(asked)).all()
        by_entry = await overtaken(database, rows)
        found = [_letter(row, by_letter, by_entry.get(row.id)) for row in rows]
        held = {client for it in found if (client := _holds_back(it))}
        waiting = await behind(database, held)
    newest = _newest(found)
    return [
        replace(it, behind=waiting.get(_holds_back(it) or ("", 0), 0), newer=newest.get(it.id, ""))
        for it in found
    ]


def groups(found: Iterable[Letter]) -> list[Group]:
    """Return the letters grouped by cause and step, the largest group first."""
    alike: dict[tuple[str, str], list[Letter]] = {}
    for letter in found:
        alike.setdefault((letter.code, letter.step), []).append(letter)
    sizes = sorted(alike.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Group(code, step, its[0].mend, tuple(its)) for (code, step), its in sizes]


def meant(found: Iterable[Letter], beginning: str) -> list[Letter]:
    """Return the letters whose id is, or begins with, `beginning`: one, unless it is unknown or too short."""
    if len(beginning) < SHORTEST:
        return []
    return [letter for letter in found if letter.id.startswith(beginning)]


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


def _letter(row: Any, acted: Mapping[str, Closing], later: Closing | None) -> Letter:
    entry = orjson.loads(row.entry)
    details = entry["details"]
    topic, partition, offset = details["place"].rsplit("/", 2)
    letter_id = entry["caused"][0]
    return Letter(
        id=letter_id,
        at=moment(row.at),
        connection=row.connection,
        step=row.step,
        code=entry["rule"],
        reason=details["reason"],
        mend=details["mend"],
        place=Place(topic=topic, partition=int(partition), offset=int(offset)),
        entry=entry,
        closed=acted.get(letter_id) or later,
    )
