"""Which stretches of a partition were handled: read again after a rewind, they may have nothing to say."""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from streams.loop.contract import Delivery
from streams.loop.journal import Journal

MOST: Final = 8
"""Stretches that are remembered; of more, the shortest is said again."""
_STRETCHES: Final = b"\0handled"
_BURIED: Final = b"\0buried:"
_SIZE: Final = 8
_MILLISECOND: Final = timedelta(milliseconds=1)
_BEGINNING: Final = datetime.fromtimestamp(0, UTC)


class Stretch(NamedTuple):
    """From `begin` to before `end` all was handled, and none of it is younger than `latest`."""

    begin: int
    end: int
    latest: datetime

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what `written` made."""
        begin, end, latest = (int.from_bytes(raw[at : at + _SIZE], "big") for at in (0, _SIZE, 2 * _SIZE))
        return cls(begin, end, datetime.fromtimestamp(latest / 1000, UTC))

    def written(self) -> bytes:
        """Return it as bytes."""
        latest = int(self.latest.timestamp() * 1000)
        return b"".join(it.to_bytes(_SIZE, "big") for it in (self.begin, self.end, latest))

    def has(self, offset: int) -> bool:
        """Tell whether it reaches over an offset."""
        return self.begin <= offset < self.end

    def follows(self, other: "Stretch") -> bool:
        """Tell whether it goes on where another one ends, or shares a delivery with it.

        One that only begins where this one ends may be of a log before this: nothing of it was read yet.
        """
        return self.begin <= other.end and other.begin < self.end

    def joined(self, other: "Stretch") -> "Stretch":
        """Return both as one."""
        begin, end = min(self.begin, other.begin), max(self.end, other.end)
        return Stretch(begin, end, max(self.latest, other.latest))


class Handled:
    """Stretches of which all that their deliveries caused, in topics and tables, is durable.

    They stand in the table of the step that handled them; who loses the table loses them, and does all again.
    Behind a crash, where the table may know of a delivery whose outputs were lost, one ends before that
    delivery and another begins; the next rewind fills the gap. What was buried caused nothing: by its key,
    once and for all, it is told from the rest. Offsets alone say nothing of a topic that was made anew: a
    delivery that is younger than the stretch it lies in proves that it was, and all stretches are forgotten.
    (A log that was copied with its old stamps to other offsets proves nothing: take the table away with it.)
    """

    def __init__(self, journal: Journal, begin: int, every: int) -> None:
        self._journal, self._every = journal, every
        raw = journal.get(_STRETCHES, b"")
        self._stretches = [Stretch.read(raw[at:]) for at in range(0, len(raw), 3 * _SIZE)]
        self._next = self._run = self._done = self._written = begin
        """What is read next; what was handled here, without a gap; how far of it is written down."""
        self._moments = deque([(begin - 1, _BEGINNING)])
        """Offset and moment of what was durable last, then of each delivery younger than all before it."""

    def read(self, delivery: Delivery) -> bool:
        """Note that a delivery is read; tell whether it proves that the topic was made anew."""
        offset, moment = delivery.place.offset, delivery.timestamp
        if offset != self._next:  # the log does not begin where it was said to
            self._run = max(offset, self._next)
        self._next = offset + 1
        if moment > self._moments[-1][1]:
            self._moments.append((offset, moment))
        if not any(it.has(offset) and moment > it.latest for it in self._stretches):
            return False
        self._run = max(offset, self._run)
        self._stretches.clear()
        del self._journal[_STRETCHES]
        return True

    def holds(self, delivery: Delivery) -> bool:
        """Tell whether a delivery was handled before."""
        offset, moment = delivery.place.offset, delivery.timestamp
        if not any(it.has(offset) and moment <= it.latest for it in self._stretches):
            return False
        return _BURIED + (delivery.key or b"") not in self._journal

    def passed_by(self, delivery: Delivery) -> None:
        """Note that somebody else may have handled a delivery, who knew nothing of all this."""
        if not self.holds(delivery):
            self._run = delivery.place.offset + 1

    def buried(self, delivery: Delivery) -> None:
        """Note that a delivery became a dead letter, in the table; that leaves with the letter."""
        name = _BURIED + (delivery.key or b"")
        if name not in self._journal:
            self._journal[name] = b"1"

    def reached(self, offset: int) -> bool:
        """Note that all before `offset` is durable; tell whether it is time to write that down."""
        self._done = offset
        while len(self._moments) > 1 and self._moments[1][0] < offset:
            self._moments.popleft()
        return offset - max(self._written, self._run) >= self._every

    def write(self) -> bool:
        """Write down, in the table, what is handled; tell whether that is news."""
        if self._run >= self._done:
            return False
        self._written = self._done
        grown = Stretch(self._run, self._done, self._moments[0][1] + _MILLISECOND)
        apart = list[Stretch]()
        for it in self._stretches:
            if grown.follows(it):
                grown = grown.joined(it)
            else:
                apart.append(it)
        longest = sorted(apart, key=lambda it: it.begin - it.end)[: MOST - 1]
        before, self._stretches = self._stretches, [*longest, grown]
        if {it[:2] for it in before} == {it[:2] for it in self._stretches}:
            return False
        self._journal[_STRETCHES] = b"".join(it.written() for it in self._stretches)
        return True
