"""What leaves together: deliveries, and the records they caused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from streams.loop.contract import Sendable, Spot
from streams.loop.opened import Opened

Then = Callable[[], object]
"""Called when the window is durable."""


@dataclass(slots=True)
class Window:
    """Concluded deliveries, and the encoded records they caused, in order per topic and partition."""

    records: dict[Spot, list[Sendable]] = field(default_factory=dict)
    closed: list[Opened] = field(default_factory=list)
    then: list[Then] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.closed or self.then)

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
