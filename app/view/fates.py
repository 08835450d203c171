"""What became of each event: the worst of what became of the rows that it led to."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.closings import moment
from app.view.letters import Letter, letters
from app.view.period import Period, milliseconds
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict


class Fate(StrEnum):
    """Where an event stands; of several rows the first that applies counts."""

    FAILED = "failed"
    """A dead letter that is open."""
    WAITING = "waiting"
    """For its Account, for a person, or behind a row that does."""
    UNDER_WAY = "under way"
    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """Salesforce held it already, or no row shows it."""
    NEEDLESS = "needless"
    """Something newer came first, or a person closed its dead letter."""


_WORST_FIRST: Final = tuple(Fate)
_ENDS: Final[Mapping[str, Fate]] = {
    Verdict.APPLIED.value: Fate.WRITTEN,
    Verdict.UNCHANGED.value: Fate.UNCHANGED,
    Verdict.SUPERSEDED.value: Fate.NEEDLESS,
    Verdict.IGNORED.value: Fate.NEEDLESS,
    Verdict.REJECTED.value: Fate.NEEDLESS,
    Verdict.ERASED.value: Fate.NEEDLESS,
}
_LED_ON: Final = frozenset({Verdict.FETCHED.value, Verdict.TRANSLATED.value})


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and what became of it."""

    at: datetime
    """When we heard of it; when it failed, where it failed before it was read."""
    object: str
    object_id: int
    source: str
    action: str
    fate: Fate


@dataclass(slots=True)
class _Said:
    """Who said what last of each message; what led on names what followed."""

    fates: dict[str, Fate] = field(default_factory=dict)
    caused: dict[str, list[str]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)

    def take(self, cause: str, verdict: str, caused: Iterable[str] = ()) -> None:
        """Learn what a step said of the message `cause`; of repeats the one that led on counts."""
        if verdict in _LED_ON:
            self.caused[cause] = list(caused)
        elif verdict == Verdict.PARKED.value:
            self.waiting.add(cause)
            self.fates.pop(cause, None)  # it was discarded, and is tried again
        elif verdict == Verdict.DEAD_LETTER.value:
            self.waiting.discard(cause)
            self.fates.pop(cause, None)
        elif verdict in _ENDS:
            self.fates[cause] = _ENDS[verdict]

    def fate(self, message: str, buried: Mapping[str, Fate]) -> Fate:
        """Return what became of `message` and all that followed from it."""
        if followed := self.caused.get(message):
            return min((self.fate(it, buried) for it in followed), key=_WORST_FIRST.index)
        if message in self.fates:
            return self.fates[message]
        if message in self.caused:
            return Fate.NEEDLESS  # it was read, and nothing followed
        if message in buried and not (buried[message] is Fate.UNDER_WAY and message in self.waiting):
            return buried[message]
        return Fate.WAITING if message in self.waiting else Fate.UNDER_WAY


async def fates(store: Store, connection: str, period: Period) -> list[Told]:
    """Return the events of a connection that were heard of within `period`, with what became of them by now.

    Each event is there once and has one fate: so numbers of fates add up to the number of events.
    """
    said, heard = _Said(), dict[str, Any]()
    async for row in _said_since(store, connection, period):
        entry = orjson.loads(row.entry) if row.step != Step.DELIVER.value else {}
        said.take(row.cause, row.verdict, entry.get("caused", ()))
        if row.step == Step.FETCH.value and row.object is not None:
            heard[row.cause] = (
                (row, entry) if row.cause not in heard else _better(heard[row.cause], (row, entry))
            )
    found = await letters(store, connection)
    buried = _buried(found)
    said.caused |= _edited(found)
    told = (_told(row, entry, said.fate(cause, buried)) for cause, (row, entry) in heard.items())
    return [it for it in told if it.at in period]


def _better(one: Any, other: Any) -> Any:
    """Return what fetch said once it could read the object: a dead letter knows less of the event."""
    return other if one[0].verdict == Verdict.DEAD_LETTER.value else one


def _buried(found: Iterable[Letter]) -> dict[str, Fate]:
    """Return what the dead letters say of their messages; one that is open says most."""
    said: dict[str, Fate] = {}
    for letter in found:
        fate = Fate.NEEDLESS
        if letter.closed is None:
            fate = Fate.FAILED
        elif letter.closed.how == "retried":
            fate = Fate.UNDER_WAY
        cause = letter.entry["cause"]
        said[cause] = min(fate, said.get(cause, fate), key=_WORST_FIRST.index)
    return said


def _edited(found: Iterable[Letter]) -> dict[str, list[str]]:
    """Return what a person had sent in the place of messages that failed: their fate is that one's."""
    edits = ((it.entry["cause"], it.closed) for it in found if it.closed and it.closed.how == "edited")
    return {cause: [*closed.led_to] for cause, closed in edits}


def _told(row: Any, entry: Mapping[str, Any], fate: Fate) -> Told:
    details = entry.get("details") or {}
    heard = details.get("received_at")
    return Told(
        at=datetime.fromisoformat(heard) if isinstance(heard, str) else moment(row.at),
        object=row.object,
        object_id=row.object_id,
        source=str(details.get("source", "")),
        action=str(details.get("action", "")),
        fate=fate,
    )


async def _said_since(store: Store, connection: str, period: Period) -> AsyncIterator[Any]:
    """Yield what the steps said since the period began, oldest first."""
    columns = ("at", "step", "verdict", "cause", "object", "object_id", "entry")
    asked = select(*(ENTRIES.c[name] for name in columns)).where(
        ENTRIES.c.connection == connection,
        ENTRIES.c.at >= milliseconds(period.since),
        ENTRIES.c.step.in_([Step.FETCH.value, Step.TRANSLATE.value, Step.DELIVER.value]),
    )
    async with store.reading() as database:
        async for row in await database.stream(asked.order_by(ENTRIES.c.at)):
            yield row
