"""How much may be under way, and what every pump of a worker shares."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from streams.domain.audit import Step
from streams.loop.contract import Again, Die, Sink, Spot


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be under way in one partition of one step."""

    deliveries: int = 4000
    """Deliveries that are not yet acknowledged; a connection that is aside has a count of its own."""
    weight: int = 16 << 20
    """Bytes of the values of deliveries that are not yet acknowledged."""
    window: int = 500
    """Deliveries after which a window leaves at once."""
    linger: float = 0.01
    """Seconds that a window waits for more."""
    record: int = 1_000_000
    """Bytes of the largest key and value that Kafka takes (`max.message.bytes`, less its own share)."""
    patience: float = 5.0
    """Seconds that the first of a connection may take before it goes aside, if it is in the way."""

    def reached(self, deliveries: int, weight: int) -> bool:
        """Tell whether no more may be taken."""
        return deliveries >= self.deliveries or weight >= self.weight

    def times(self, factor: float) -> "Limits":
        """Return limits that allow so much more, or less, to be under way."""
        most, weight = max(1, int(self.deliveries * factor)), max(1, int(self.weight * factor))
        return replace(self, deliveries=most, weight=weight)


@dataclass(frozen=True, slots=True)
class Turn:
    """A connection went aside, or is back."""

    step: Step
    spot: Spot
    connection: str
    back: bool
    offset: int
    """Its first delivery that is not done."""
    open: int
    """Its deliveries in hand that are not done."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The way out, the way to die, the limits; and how to read again for those aside, and tell of them."""

    sink: Sink
    die: Die
    limits: Limits = field(default_factory=Limits)
    again: Again | None = None
    """Without it no connection goes aside."""
    told: Callable[[Turn], object] = lambda _: None
