"""How much may be under way, and what every pump of a worker shares."""

from dataclasses import dataclass, field

from streams.loop.contract import Die, Sink


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be under way in one partition of one step."""

    deliveries: int = 4000
    weight: int = 16 << 20
    """Bytes of the values of deliveries that are not yet acknowledged."""
    window: int = 500
    """Deliveries after which a window leaves at once."""
    linger: float = 0.01
    """Seconds that a window waits for more."""
    record: int = 1_000_000
    """Bytes of the largest key and value that Kafka takes (`max.message.bytes`, less its own share)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The way out, the way to die, and the limits."""

    sink: Sink
    die: Die
    limits: Limits = field(default_factory=Limits)
