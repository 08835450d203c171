"""How far Salesforce is in step with FreshBooks: by day and object, and why what is not written is not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.fates import Fate, Told, fates
from app.view.letters import groups, letters
from app.view.parked import waits
from app.view.period import Period
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.identity import ObjectKind
from streams.steps import ends

IN_STEP: Final = (Fate.WRITTEN, Fate.UNCHANGED)
"""What Salesforce has."""


@dataclass(frozen=True, slots=True)
class Line:
    """What FreshBooks told of one kind of object on one day (UTC), and what became of it by now."""

    day: date
    object: str
    fates: Counter[Fate]

    @property
    def events(self) -> int:
        """How many events came in: each has one fate."""
        return self.fates.total()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows or messages do not go on, and what helps."""

    fate: Fate
    why: str
    count: int
    mend: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of one kind of object within the period of the report."""

    object: str
    told: Told
    """What FreshBooks has last told."""
    in_step: Told | None
    """The newest of it that Salesforce has."""


@dataclass(frozen=True, slots=True)
class Sync:
    """The report."""

    lines: Sequence[Line]
    causes: Sequence[Cause]
    newest: Sequence[Newest]


async def sync(store: Store, connection: str, period: Period) -> Sync:
    """Return how far a connection is: events of `period`, and all that waits or failed, whenever that was."""
    told = await fates(store, connection, period)
    causes = [*await _failed(store, connection), *await _waiting(store, connection)]
    return Sync(lines(told), causes, newest(told))


def lines(told: Iterable[Told]) -> list[Line]:
    """Return the counts by day and object, in that order."""
    counts: dict[tuple[date, str], Counter[Fate]] = {}
    for it in told:
        counts.setdefault((it.at.astimezone(UTC).date(), it.object), Counter())[it.fate] += 1
    return [Line(day, kind, counts[day, kind]) for day, kind in sorted(counts)]


def newest(told: Sequence[Told]) -> list[Newest]:
    """Return the newest of each kind of object that was told of in the period."""
    found = []
    for kind in ObjectKind:
        its = sorted((it for it in told if it.object == kind), key=lambda it: it.at)
        if its:
            in_step = [it for it in its if it.fate in IN_STEP]
            found.append(Newest(kind.value, its[-1], in_step[-1] if in_step else None))
    return found


async def _failed(store: Store, connection: str) -> list[Cause]:
    still = [letter for letter in await letters(store, connection) if letter.closed is None]
    return [
        Cause(Fate.FAILED, f"{group.code} at {group.step}", group.count, group.mend)
        for group in groups(still)
    ]


async def _waiting(store: Store, connection: str) -> list[Cause]:
    """Count the commands that wait by now, by what they wait for."""
    asked = select(ENTRIES.c.entry).where(waits(ENTRIES.c.connection == connection))
    async with store.reading() as database:
        rows = await database.execute(asked)
        found = Counter(_why(orjson.loads(row.entry), connection) for row in rows)
    return [Cause(Fate.WAITING, why, count, mend) for (why, mend), count in found.most_common()]


def _why(entry: dict[str, Any], connection: str) -> tuple[str, str]:
    """Return what a parked row waits for, and what helps."""
    why = str(entry.get("rule") or "its parent")
    match (entry.get("result") or {}).get("code"):
        case ends.UNDECIDED:
            return why, f"freshforce match list {connection}"
        case ends.BEHIND_FAILED:
            return why, "freshforce deadletters list: look at the largest number of rows that wait first"
        case _:
            return why, "nothing, if its Account is on its way; else mend what keeps the Account"
