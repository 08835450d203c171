"""What the steps said of events, and of the messages that followed from them, a few at a time."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import case, null, select

from app.view.period import milliseconds
from app.view.store import Store
from app.view.tables import ENTRIES
from app.view.waived import waived
from streams.domain.audit import Step

AT_ONCE: Final = 500
"""Messages per question: below SQLite's smallest limit on parameters."""

_STEPS: Final = (Step.FETCH.value, Step.TRANSLATE.value, Step.DELIVER.value)
_SAID: Final = select(
    *(ENTRIES.c[name] for name in ("id", "partition", "offset", "at", "connection", "step", "verdict")),
    *(ENTRIES.c[name] for name in ("cause", "object", "object_id")),
    waived(ENTRIES).label("waived"),
    case((ENTRIES.c.step != Step.DELIVER.value, ENTRIES.c.entry), else_=null()).label("entry"),
)


@dataclass(frozen=True, slots=True)
class Saying:
    """What a step said of one message."""

    id: str
    at: int
    """When it was said, in milliseconds."""
    step: str
    verdict: str
    cause: str
    """The message that it is about."""
    caused: tuple[str, ...]
    """The messages that followed from it; what deliver says leads to none."""
    object: str | None
    object_id: int | None
    details: Mapping[str, Any]
    waived: bool = False
    """Whether a person discarded the message: any other end is for good."""

    @property
    def of_an_event(self) -> bool:
        """Tell whether it is fetch's word on an event of an object."""
        return self.step == Step.FETCH.value and self.object is not None


async def heard(
    store: Store, connection: str, since: datetime, at_once: int = AT_ONCE
) -> AsyncIterator[Sequence[Saying]]:
    """Yield what fetch said of the events of a connection since then, so many at once, oldest first."""
    asked = _SAID.where(
        ENTRIES.c.connection == connection,
        ENTRIES.c.at >= milliseconds(since),
        ENTRIES.c.step == Step.FETCH.value,
        ENTRIES.c.object.is_not(None),
    )
    oldest_first = asked.order_by(ENTRIES.c.at, ENTRIES.c.partition, ENTRIES.c.offset)
    async with store.reading() as database:
        async for rows in (await database.stream(oldest_first)).partitions(at_once):
            yield [*map(_saying, rows)]


async def said_of(
    store: Store, connection: str, since: datetime, messages: Collection[str]
) -> AsyncIterator[Saying]:
    """Yield what the steps have said since then of `messages`, of each in the order of the log.

    Of events those first that were told first: fetch's words on one may stand in several partitions.

    The database is told of the messages alone: told of more, SQLite goes through all of a connection.
    """
    wanted, begin = [*messages], milliseconds(since)
    async with store.reading() as database:
        for start in range(0, len(wanted), AT_ONCE):
            its = ENTRIES.c.cause.in_(wanted[start : start + AT_ONCE])
            rows = (await database.execute(_SAID.where(its))).all()
            for row in sorted(rows, key=_order):
                if row.connection == connection and row.at >= begin and row.step in _STEPS:
                    yield _saying(row)


def _order(row: Any) -> tuple[int, int, int]:
    """Return where a word has its place: by the log, for clocks of workers differ."""
    return row.at if row.step == Step.FETCH.value else 0, row.partition, row.offset


def _saying(row: Any) -> Saying:
    entry = orjson.loads(row.entry or "{}")
    return Saying(
        id=row.id,
        at=row.at,
        step=row.step,
        verdict=row.verdict,
        cause=row.cause,
        caused=(*entry.get("caused", ()),),
        object=row.object,
        object_id=row.object_id,
        details=entry.get("details") or {},
        waived=bool(row.waived),
    )
