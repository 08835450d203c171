"""What leaves together: deliveries, and the records they caused."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from streams.loop.contract import Done, Sendable, Spot


@dataclass(slots=True)
class Window:
    """Deliveries in read order, and the encoded records they caused, in order per topic and partition."""

    records: dict[Spot, list[Sendable]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    weight: int = 0
    """Bytes of the deliveries' values."""

    def add(self, spot: Spot, record: Sendable) -> None:
        """Put a record behind those that go to the same spot."""
        held = self.records.get(spot)
        if held is None:
            self.records[spot] = [record]
        else:
            held.append(record)

    def extend(self, spot: Spot, records: Sequence[Sendable]) -> None:
        """Put records behind those that go to the same spot."""
        if records:
            self.records.setdefault(spot, []).extend(records)

    def close(self, done: Done, weight: int) -> None:
        """Say that all records of a delivery are in."""
        self.done.append(done)
        self.weight += weight
