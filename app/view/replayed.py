"""What replays did to an object: which plan, by whom, and from which event its rows had come before.

A step says a thing once per cause, so what a replay derives again says nothing new; what it sends stands
alone, as commands that no derivation of old names. They are found by their rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.happening import Again, Happening, happening
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict

_PREVIEWED: Final = "previewed"
_BEGUN: Final = ("applied", "taken up again")
"""Acts after which the workers send (app/replay/replays.py)."""

Named = tuple[str, int]
"""Kind and id of a FreshBooks object."""


async def replayed(
    database: AsyncConnection, connection: str, named: Named, found: Sequence[Happening]
) -> list[Happening]:
    """Return the replays that were about an object, and what they sent of the rows in its trace."""
    asked = select(ENTRIES).where(
        ENTRIES.c.connection == connection, ENTRIES.c.verdict == Verdict.REPLAYED.value
    )
    clients = {it.entry["client"] for it in found if it.entry.get("client") is not None}
    wanted = {(None, None), named, *(("client", it) for it in clients)}
    acts = map(happening, await database.execute(asked.order_by(ENTRIES.c.at)))
    about = [it for it in acts if _scope(it) in wanted and it.entry["details"]["act"] != _PREVIEWED]
    if not about:
        return []
    sent: list[Happening] = []
    for client in clients:
        sent += await _sent(database, connection, client, found, about)
    return [*(replace(it, again=_of(it)) for it in about), *sent]


async def _sent(
    database: AsyncConnection,
    connection: str,
    client: int,
    found: Sequence[Happening],
    about: Sequence[Happening],
) -> list[Happening]:
    """Return what became of the commands that a replay made for the rows in the trace."""
    asked = select(ENTRIES).where(ENTRIES.c.connection == connection, ENTRIES.c.client == client)
    entries = [*map(happening, await database.execute(asked.order_by(ENTRIES.c.at)))]
    known, derived = {it.entry["id"] for it in found}, _caused(entries)
    rows = {_row(it) for it in found} - {None}
    sent = []
    for it in entries:
        alone = it.entry["step"] == Step.DELIVER and it.entry["cause"] not in derived
        before = [each for each in about if each.at <= it.at and each.entry["details"]["act"] in _BEGUN]
        if alone and before and _row(it) in rows and it.entry["id"] not in known:
            record, event = _origin(it, entries, derived)
            sent.append(replace(it, again=replace(_of(before[-1]), record=record, event=event)))
    return sent


def _caused(entries: Iterable[Happening]) -> dict[str, Happening]:
    """Return who led to each message."""
    return {message: it for it in entries for message in it.entry.get("caused", ())}


def _row(it: Happening) -> tuple[str, str] | None:
    result: Mapping[str, Any] | None = it.entry.get("result")
    return (result["sobject"], result["external_id"]) if result else None


def _origin(it: Happening, entries: Sequence[Happening], derived: Mapping[str, Happening]) -> tuple[str, str]:
    """Return the record and the event from which the row had come the last time before."""
    for earlier in reversed([each for each in entries if each.at <= it.at and _row(each) == _row(it)]):
        translated = derived.get(earlier.entry["cause"])
        if translated is not None and translated.entry["step"] == Step.TRANSLATE:
            record = translated.entry["cause"]
            fetched = derived.get(record)
            return record, fetched.entry["cause"] if fetched else ""
    return "", ""


def _scope(act: Happening) -> tuple[str | None, int | None]:
    """Return what a replay was about; nothing: all of the connection."""
    return act.entry["object"], act.entry["object_id"]


def _of(act: Happening) -> Again:
    return Again(act.entry["cause"], act.entry["details"]["actor"])
