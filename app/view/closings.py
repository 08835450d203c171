"""What closed a dead letter: a person's act upon it, or a later state of its row that went through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.tables import ENTRIES, unindexed
from streams.domain.audit import Step, Verdict
from streams.domain.command import SObject
from streams.ports import NO_OPPORTUNITY
from streams.steps import ends

_CHUNK: Final = 500
"""Ids per IN list: below SQLite's smallest limit on parameters."""

_ACTS: Final = {
    Verdict.RELEASED.value: "retried",
    Verdict.DISCARDED.value: "discarded",
    Verdict.EDITED.value: "edited",
}
_PEOPLE: Final = (Step.COMMAND_LINE.value, Step.DESK.value)
_WENT_THROUGH: Final = (Verdict.APPLIED.value, Verdict.UNCHANGED.value)
_NONE_THERE: Final = (ends.NONE_THERE, "there was none to hold it")
"""As it is said, and as earlier releases said it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Why nothing is left to do about a dead letter."""

    at: datetime
    how: str
    """retried, discarded, edited; overtaken where a later state of the row went through."""
    why: str
    actor: str = ""
    led_to: tuple[str, ...] = ()
    """The messages that go on in its place."""


async def acts(database: AsyncConnection, letters: Sequence[str]) -> dict[str, Closing]:
    """Return what people did about `letters`, by their ids; the last act counts."""
    found = {}
    for start in range(0, len(letters), _CHUNK):
        for row in await database.execute(_acts(letters[start : start + _CHUNK])):
            entry = orjson.loads(row.entry)
            actor = str(entry.get("details", {}).get("actor", ""))
            why, led_to = entry.get("rule", ""), (*entry.get("caused", ()),)
            found[row.cause] = Closing(moment(row.at), _ACTS[row.verdict], why, actor, led_to)
    return found


async def overtaken(database: AsyncConnection, buried: Iterable[Any]) -> dict[str, Closing]:
    """Return, by the id of the burial's audit entry, which later state of the same row went through."""
    ids = [row.id for row in buried if row.external_id is not None]
    found: dict[str, Closing] = {}
    for start in range(0, len(ids), _CHUNK):
        for row in await database.execute(_later(ids[start : start + _CHUNK])):
            failed, done = _version(row.failed), _version(row.done)
            if done >= failed and row.id not in found and not _for_want_of_a_row(row.done):
                found[row.id] = Closing(
                    moment(row.at), "overtaken", f"version {done} of the row went through"
                )
    return found


def moment(milliseconds: int) -> datetime:
    """Return the moment that the view keeps as a number."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _acts(letters: Sequence[str]) -> Select[Any]:
    said = unindexed(ENTRIES.c.verdict).in_(_ACTS), ENTRIES.c.step.in_(_PEOPLE)
    asked = select(ENTRIES.c.cause, ENTRIES.c.at, ENTRIES.c.verdict, ENTRIES.c.entry)
    return asked.where(ENTRIES.c.cause.in_(letters), *said).order_by(ENTRIES.c.at)


def _later(ids: list[str]) -> Select[Any]:
    """Ask what was said later of the rows that were buried, oldest first.

    A row is one client's: versions of different clients' books cannot be compared.
    """
    buried, later = ENTRIES.alias(), ENTRIES.alias()
    same = [buried.c[name] == later.c[name] for name in ("connection", "client", "sobject", "external_id")]
    return (
        select(buried.c.id, buried.c.entry.label("failed"), later.c.entry.label("done"), later.c.at)
        .join(later, and_(*same, later.c.at >= buried.c.at))
        .where(buried.c.id.in_(ids), unindexed(later.c.verdict).in_(_WENT_THROUGH))
        .order_by(later.c.at)
    )


def _for_want_of_a_row(entry: str) -> bool:
    """Tell whether lines ended as our user saw no Opportunity of them: what was refused may be so again."""
    said = orjson.loads(entry)
    result: Mapping[str, Any] = said["result"]
    if result["sobject"] != SObject.LINES or result.get("salesforce_id"):
        return False
    return result.get("code") == NO_OPPORTUNITY or said.get("rule") in _NONE_THERE


def _version(entry: str) -> int:
    result: Mapping[str, Any] = orjson.loads(entry)["result"]
    return int(result["version"])
