"""Commands that wait, for their parent row or behind a failed one: the newest of each row of a client."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import orjson

from streams.codec import decode, encode
from streams.domain.command import Command
from streams.ports import State
from streams.steps.id_map import RowKey


@dataclass(slots=True)
class Lot:
    """What is known of one client's waiting commands as a whole.

    `released_by` names the command that let them go: read again after a crash, the same command lets them
    go again, for what it said may be lost.
    """

    released_by: str = ""
    tries: int = 0
    """How many releases in a row ended in the same wait."""
    first: int = 0
    end: int = 0
    """Slots from `first` to before `end` may hold a row."""
    failed: dict[str, int] = field(default_factory=dict)
    """The version at which each failed row failed, by its key: until these are seen to, the rest waits."""


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

    def command(self) -> Command:
        """Return the command itself."""
        return decode(Command, self.raw)


@dataclass(frozen=True, slots=True)
class Parked:
    """The parked commands of one partition. A change that a crash cut short is made good by its repeat."""

    state: State

    def lot(self, key: str) -> Lot | None:
        """Return the lot of a client's waiting commands; None when none waits."""
        raw = self.state.get(key.encode())
        return Lot(*orjson.loads(raw)) if raw else None

    def keep(self, key: str, lot: Lot) -> None:
        """Keep the lot, or drop it once nothing waits and nothing failed."""
        while lot.first < lot.end and self._at(key, lot.first) is None:
            self.state.pop(_slot(key, lot.first), None)
            lot.first += 1
        if lot.first < lot.end or lot.failed:
            its = [lot.released_by, lot.tries, lot.first, lot.end, lot.failed]
            self.state[key.encode()] = orjson.dumps(its)
        else:
            self.state.pop(key.encode(), None)

    def failed(self, key: str) -> frozenset[RowKey]:
        """Return the failed rows of a client."""
        lot = self.lot(key)
        return frozenset(map(bytes.fromhex, lot.failed)) if lot else frozenset()

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

    def all(self, key: str, lot: Lot) -> Iterator[Waiting]:
        """Yield the waiting commands of a client, the longest waiting first."""
        for slot in range(lot.first, lot.end):
            if waiting := self._at(key, slot):
                yield waiting

    def _at(self, key: str, slot: int) -> Waiting | None:
        """Return what waits in a slot; None for a slot whose row has gone or waits elsewhere."""
        row = self.state.get(_slot(key, slot))
        waiting = self.of(key, row) if row else None
        return waiting if waiting and waiting.slot == slot else None


def _row(key: str, row: RowKey) -> bytes:
    return key.encode() + b":r:" + row


def _slot(key: str, slot: int) -> bytes:
    return key.encode() + b":s:%d" % slot
