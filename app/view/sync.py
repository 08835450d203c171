"""How far Salesforce is in step with FreshBooks: by day and object, and why what is not written is not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.fates import Fate, fates
from app.view.letters import Cause as LetterCause
from app.view.letters import largest_first, still_open
from app.view.parked import waits
from app.view.period import Period
from app.view.standing import Line, Newest, Standing
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.steps import ends

PATIENCE: Final = timedelta(minutes=5)
"""How long an event may be under way before that is a cause of its own: rows take seconds."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows or messages do not go on, and what helps."""

    fate: Fate
    why: str
    count: int
    mend: str


@dataclass(frozen=True, slots=True)
class Sync:
    """The report."""

    lines: Sequence[Line]
    causes: Sequence[Cause]
    newest: Sequence[Newest]


async def sync(store: Store, connection: str, period: Period, now: datetime) -> Sync:
    """Return how far a connection is: events of `period`, and all that waits or failed, whenever that was."""
    standing, late = Standing(), 0
    async for told in fates(store, connection, period):
        standing.take(told)
        late += told.fate is Fate.UNDER_WAY and now - told.at > PATIENCE
    causes = [*await _failed(store, connection), *await _waiting(store, connection), *_late(late, connection)]
    return Sync(standing.lines, causes, standing.newest)


def _late(count: int, connection: str) -> Iterator[Cause]:
    """Yield that events of the period are not in Salesforce though there was time enough."""
    if count:
        mend = f"freshforce ping {connection} says what hinders; freshforce health, whether a worker runs"
        yield Cause(Fate.UNDER_WAY, f"not in Salesforce {PATIENCE.seconds // 60} minutes later", count, mend)


async def _failed(store: Store, connection: str) -> list[Cause]:
    """Count the open letters as their groups do, but hold none of them: they may be very many."""
    counts, mends = Counter[LetterCause](), dict[LetterCause, str]()
    async for letter in still_open(store, connection):
        counts[letter.cause] += 1
        mends.setdefault(letter.cause, letter.mend)
    causes = largest_first(counts)
    return [Cause(Fate.FAILED, " at ".join(it), counts[it], mends[it]) for it in causes]


async def _waiting(store: Store, connection: str) -> list[Cause]:
    """Count the commands that wait by now, by what they wait for."""
    asked = select(ENTRIES.c.entry).where(waits(ENTRIES.c.connection == connection))
    async with store.reading() as database:
        found = Counter[tuple[str, str]]()
        async for row in await database.stream(asked):
            found[_why(orjson.loads(row.entry), connection)] += 1
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
