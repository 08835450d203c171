"""Recompute the audit's hash chain from the topic and hold it against what was kept of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from sqlalchemy import select

from app.kafka.inventory import spots
from app.kafka.log import bounds, stretch
from app.view.chain import Link, beginning, linked
from app.view.roots import Root
from app.view.store import Store
from app.view.tables import ENTRIES, LINKS
from streams.topics import AUDIT

VIEW: Final = "the view's chain"

Progress = Callable[[int, int], None]
"""Hears how many entries were read, of how many."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who says what the link at an offset was."""

    link: Link
    who: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of a partition that is not what it was: the last offset known to be right is before `low`."""

    partition: int
    low: int
    high: int
    who: str
    """Whose word the topic contradicts."""
    first: int | None = None
    """The first entry that differs, where the view's copy of the entries tells it."""
    what: str = ""


@dataclass(slots=True)
class Verified:
    """What was found."""

    entries: int = 0
    witnesses: int = 0
    skipped: dict[int, int] = field(default_factory=dict)
    """Partition → first offset that the topic still has, where older entries are kept no longer."""
    differences: list[Difference] = field(default_factory=list)


async def verify(
    store: Store,
    options: Mapping[str, Any],
    roots: Sequence[Root],
    progress: Progress,
    topic: str = AUDIT.name,
) -> Verified:
    """Read the whole audit topic once and return every first difference, at most one per partition.

    Raises:
        Unreachable: Kafka or the view's database gives no answer.
    """
    found = Verified()
    places = await spots(options, topic)
    ranges = await bounds(options, places)
    total = sum(end - begin for begin, end in ranges.values())
    for place, (begin, end) in ranges.items():
        walk = Walk(place, await _witnesses(store, place.partition, roots), found)
        # A consumer each: stopped right after one assignment replaced another, aiokafka waits for ever.
        async with aclosing(stretch(options, place, walk.begin(begin), end)) as records:
            async for record in records:
                walk.see(record)
                progress(found.entries, total)
                if walk.differs:
                    break
        await walk.end(store)
    return found


class Walk:
    """One partition, link by link, past its witnesses."""

    def __init__(self, place: TopicPartition, witnesses: Iterable[Witness], found: Verified) -> None:
        self._place, self._found = place, found
        self._ahead = sorted(witnesses, key=lambda it: (it.link.offset, it.who != VIEW), reverse=True)
        self._link = beginning(place.partition)
        self._since: list[ConsumerRecord] = []
        """What was read since the last witness agreed."""
        self._proved = -1
        """The last offset that a root agreed with: the view may have been built anew since."""
        self.differs: Witness | None = None

    def begin(self, first: int) -> int:
        """Return where to begin: at the start, or behind the first witness where that is kept no longer."""
        if first == 0:
            return 0
        self._found.skipped[self._place.partition] = first
        while self._ahead:
            self._link = self._ahead.pop().link
            if self._link.offset >= first - 1:
                return self._link.offset + 1
        return first

    def see(self, record: ConsumerRecord) -> None:
        """Take in the next entry."""
        if self._ahead and self._ahead[-1].link.offset < record.offset:
            self._differ()  # it speaks of an entry that is not there any more
            return
        self._link = linked(self._link, record)
        self._since.append(record)
        self._found.entries += 1
        agreed = False
        while self._ahead and self._ahead[-1].link.offset == record.offset:
            self._found.witnesses += 1
            if self._ahead[-1].link.digest != self._link.digest:
                self._differ()
                return
            agreed = True
            if self._ahead.pop().who != VIEW:
                self._proved = record.offset
        if agreed:
            self._since.clear()

    async def end(self, store: Store) -> None:
        """Note what differs, with the first entry where the view's copies tell it."""
        if self.differs is None and self._ahead:
            self._differ()  # entries at the end are missing
        if self.differs is None:
            return
        partition, high, first, what = self._place.partition, self.differs.link.offset, None, ""
        low = self._proved + 1
        if self.differs.who == VIEW:
            low = self._since[0].offset if self._since else self._link.offset + 1
            first, what = await _first(store, partition, low, high, self._since)
        self._found.differences.append(Difference(partition, low, high, self.differs.who, first, what))

    def _differ(self) -> None:
        self.differs = self._ahead[-1]


async def _witnesses(store: Store, partition: int, roots: Sequence[Root]) -> list[Witness]:
    async with store.reading() as database:
        rows = await database.execute(select(LINKS).where(LINKS.c.partition == partition))
        found = [Witness(Link(row.offset, row.digest), VIEW) for row in rows]
    told = ((root.day, root.partitions[partition]) for root in roots if partition in root.partitions)
    found += [Witness(Link(at, bytes.fromhex(link)), f"the root of {day}") for day, (at, link) in told]
    return [it for it in found if it.link.offset >= 0]


async def _first(
    store: Store, partition: int, low: int, high: int, read: Sequence[ConsumerRecord]
) -> tuple[int | None, str]:
    """Return the first entry between `low` and `high` that is not as the view copied it, and how."""
    asked = select(ENTRIES.c.offset, ENTRIES.c.at, ENTRIES.c.entry).where(
        ENTRIES.c.partition == partition, ENTRIES.c.offset >= low, ENTRIES.c.offset <= high
    )
    async with store.reading() as database:
        copies = {row.offset: (row.at, row.entry.encode()) for row in await database.execute(asked)}
    there = {record.offset: (record.timestamp, record.value) for record in read}
    for offset in sorted({*copies, *there}):
        if offset not in there:
            return offset, "is missing"
        if offset in copies and copies[offset] != there[offset]:
            return offset, "was changed"
    return None, ""
