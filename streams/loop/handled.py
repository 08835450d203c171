"""Which stretch of a partition was handled: read once more after a rewind, it may have nothing to say."""

from datetime import UTC, datetime, timedelta
from typing import Final

from streams.loop.contract import Delivery
from streams.loop.journal import Journal

_STRETCH: Final = b"\0handled"
_BURIED: Final = b"\0buried:"
_SIZE: Final = 8
_MILLISECOND: Final = timedelta(milliseconds=1)
_BEGINNING: Final = datetime.fromtimestamp(0, UTC)


class Handled:
    """A stretch without a gap: all that its deliveries caused, in topics and tables, is durable.

    It stands in the table of the step that handled it; who loses the table loses it, and does all again.
    Behind a crash, where the table may know of a delivery whose outputs were lost, it ends before that one.
    What was buried caused nothing: by its key, once and for all, it is told from the rest. Offsets alone
    say nothing of a topic that was made anew; what is younger than all of the stretch is none of it.
    """

    def __init__(self, journal: Journal, begin: int, every: int) -> None:
        self._journal, self._every = journal, every
        self._begin, self._end, self._latest = _read(journal.get(_STRETCH, b""))
        self._youngest = self._latest
        self._run, self._done = begin, begin
        """What was handled here, without a gap, since the partition was taken over."""

    def holds(self, delivery: Delivery) -> bool:
        """Tell whether a delivery was handled before."""
        moment = delivery.timestamp
        self._youngest = max(self._youngest, moment)
        if not self._begin <= delivery.place.offset < self._end or moment > self._latest:
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
        return offset - self._end >= self._every or self._begin - self._run >= self._every

    def write(self) -> bool:
        """Write down, in the table, how far the stretch reaches; tell whether that is news."""
        run, done = self._run, self._done
        if run >= done or run > self._end > self._begin or done < self._begin:
            return False
        begin, end = min(run, self._begin), max(done, self._end)
        if self._begin == self._end:
            begin, end = run, done
        if (begin, end) == (self._begin, self._end):
            return False
        self._begin, self._end, self._latest = begin, end, self._youngest + _MILLISECOND
        latest = int(self._latest.timestamp() * 1000)
        self._journal[_STRETCH] = b"".join(it.to_bytes(_SIZE, "big") for it in (begin, end, latest))
        return True


def _read(raw: bytes) -> tuple[int, int, datetime]:
    begin, end, latest = (int.from_bytes(raw[at : at + _SIZE], "big") for at in (0, _SIZE, 2 * _SIZE))
    return begin, end, datetime.fromtimestamp(latest / 1000, UTC) if latest else _BEGINNING
