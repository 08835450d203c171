"""Commands that wait, for their parent row or behind a failed one: the newest of each row of a client."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, NamedTuple, Self

import orjson

from streams.codec import decode, encode
from streams.domain.command import RANK, Command, SObject
from streams.ports import State
from streams.steps.id_map import RowKey

Turn = tuple[int, int]
"""When a waiting command's turn comes: parents before children, then the longest waiting first."""

FIRST: Final[Turn] = (-1, -1)
"""Before the turn of all that waits."""

ROW: Final = b"r"
"""The sort of an entry that holds a command that waits."""
FAILED: Final = b"f"
"""The sort of an entry that says what failed of a client."""
_SOBJECT: Final = b'"sobject":"'


class Portion(NamedTuple):
    """The waiting commands that were let go last, of a client's that may be thousands.

    Read again after a crash, the command that let them go lets them go again, for what it said may be lost.
    """

    by: str = ""
    """The command that let them go."""
    after: Turn = FIRST
    """Those whose turn is later than this went,"""
    upto: Turn = FIRST
    """and none whose turn is later than this."""
    last: str = ""
    """The command of that turn: once it has ended, the next portion goes."""


@dataclass(slots=True)
class Lot:
    """What is known of one client's waiting commands as a whole."""

    released_by: str = ""
    """The command that let them go, until one of them waits again."""
    tries: int = 0
    """How many releases in a row ended in the same wait."""
    first: int = 0
    end: int = 0
    """Slots from `first` to before `end` may hold a row."""
    failed: dict[str, int] = field(default_factory=dict)
    """The version at which each failed row failed, by its key: until these are seen to, the rest waits."""
    portion: Portion = field(default_factory=Portion)

    def seen_to(self, row: RowKey, version: int) -> None:
        """Forget what failed of a row up to this version."""
        if self.failed.get(row.hex(), version + 1) <= version:
            del self.failed[row.hex()]


class Waiting(NamedTuple):
    """One command that waits, and the slot it waits in."""

    slot: int
    version: int
    id: str
    raw: bytes

    @classmethod
    def read(cls, entry: bytes) -> Self:
        """Return what an entry of the table holds."""
        slot, version, named = (
            int.from_bytes(entry[:4], "big"),
            int.from_bytes(entry[4:12], "big"),
            entry[12:44],
        )
        return cls(slot, version, named.decode(), entry[44:])

    def written(self) -> bytes:
        """Return the entry for the table."""
        return self.slot.to_bytes(4, "big") + self.version.to_bytes(8, "big") + self.id.encode() + self.raw

    @property
    def turn(self) -> Turn:
        """When its turn comes; of what may be thousands no more is read than that takes."""
        begin = self.raw.index(_SOBJECT) + len(_SOBJECT)
        return RANK[SObject(self.raw[begin : self.raw.index(b'"', begin)].decode())], self.slot

    def command(self) -> Command:
        """Return the command itself."""
        return decode(Command, self.raw)


@dataclass(frozen=True, slots=True)
class Parked:
    """The parked commands of one partition. A change that a crash cut short is made good by its repeat."""

    state: State

    def lot(self, key: str) -> Lot | None:
        """Return the lot of a client's waiting commands; None when none waits and nothing failed."""
        raw, more = self.state.get(key.encode()), self.state.get(_more(key))
        if raw is None and more is None:
            return None
        lot = Lot(*orjson.loads(raw)) if raw else Lot()
        if more:
            lot.failed, (by, after, upto, last) = orjson.loads(more)
            lot.portion = Portion(by, tuple(after), tuple(upto), last)
        return lot

    def keep(self, key: str, lot: Lot) -> None:
        """Keep the lot, or drop it once nothing waits and nothing failed.

        What failed stands apart: an earlier version reads the rest, and holds nothing back.
        """
        while lot.first < lot.end and self._at(key, lot.first) is None:
            self.state.pop(_slot(key, lot.first), None)
            lot.first += 1
        wait = lot.first < lot.end
        its = [lot.released_by, lot.tries, lot.first, lot.end]
        self._write(key.encode(), orjson.dumps(its) if wait else None)
        more = lot.failed or (wait and lot.portion.by)
        self._write(_more(key), orjson.dumps([lot.failed, [*lot.portion]]) if more else None)

    def failed(self, key: str) -> dict[RowKey, int]:
        """Return the failed rows of a client, and at which version each failed."""
        lot = self.lot(key)
        return {bytes.fromhex(row): version for row, version in lot.failed.items()} if lot else {}

    def of(self, key: str, row: RowKey) -> Waiting | None:
        """Return the command that waits for a row of a client."""
        entry = self.state.get(_row(key, row))
        return Waiting.read(entry) if entry else None

    def put(self, key: str, row: RowKey, command: Command, lot: Lot) -> None:
        """Let `command` wait, in place of an older one of its row; keep the lot afterwards."""
        known = self.of(key, row)
        slot = known.slot if known else lot.end
        lot.end = max(lot.end, slot + 1)
        lot.first = min(lot.first, slot)
        waiting = Waiting(slot, command.version, command.id, encode(command))
        self.state[_row(key, row)] = waiting.written()
        self.state[_slot(key, slot)] = row

    def drop(self, key: str, row: RowKey) -> None:
        """Let go of the command of a row, which has concluded; keep the lot afterwards."""
        self.state.pop(_row(key, row), None)

    def next(self, key: str, lot: Lot, after: Turn, most: int, but: str) -> list[Waiting]:
        """Return the waiting commands of a client whose turn comes next, `but` one."""
        found = ((it.turn, it) for it in self._all(key, lot) if it.id != but)
        return [it for _, it in nsmallest(most, (each for each in found if each[0] > after))]

    def _all(self, key: str, lot: Lot) -> Iterator[Waiting]:
        for slot in range(lot.first, lot.end):
            if waiting := self._at(key, slot):
                yield waiting

    def _write(self, name: bytes, value: bytes | None) -> None:
        """Write an entry, or take it away, if that changes anything."""
        if value is None:
            self.state.pop(name, None)
        elif self.state.get(name) != value:
            self.state[name] = value

    def _at(self, key: str, slot: int) -> Waiting | None:
        """Return what waits in a slot; None for a slot whose row has gone or waits elsewhere."""
        row = self.state.get(_slot(key, slot))
        waiting = self.of(key, row) if row else None
        return waiting if waiting and waiting.slot == slot else None


def split(name: bytes) -> tuple[bytes, bytes]:
    """Return the client that an entry of the table is of, and its sort; the lot itself has none."""
    connection, client, sort, *_ = [*name.split(b":", 3), b""]
    return connection + b":" + client, sort


def tells_of_failure(entry: bytes | None) -> bool:
    """Tell whether an entry of the sort `FAILED` names any row; it may hold no more than a portion."""
    return entry is not None and not entry.startswith(b"[{}")


def _more(key: str) -> bytes:
    return key.encode() + b":" + FAILED


def _row(key: str, row: RowKey) -> bytes:
    return key.encode() + b":" + ROW + b":" + row


def _slot(key: str, slot: int) -> bytes:
    return key.encode() + b":s:%d" % slot
