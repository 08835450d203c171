"""What the loop needs of a step, and what flows through it.

A step is pure: it gets one decoded value with its tables and yields values. A step that must ask the
world first has an `ask`: it starts the question (many are open at a time) and the loop hands the answer
to the pure part, in the order of reading. So tables change and outputs leave in read order.
A step that fails has changed nothing; one with a `buried` may then change its tables for the dead message.

One partition of a step's topic has its own step with its own tables and its own pump. Within it each
connection is one order: what is asked for one never waits for the answers of another, however long these
take. So nothing that a step keeps may belong to two connections.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from streams.domain.audit import Step
from streams.domain.message import Value
from streams.domain.place import Place
from streams.topics import Table, Topic

M = TypeVar("M", bound=Value)
M_contra = TypeVar("M_contra", bound=Value, contravariant=True)
A_contra = TypeVar("A_contra", contravariant=True)

Outputs = Iterable[Value]
"""Typed messages; the loop knows each one's topic, key and headers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it stands in Kafka."""

    place: Place
    key: bytes | None
    value: bytes | None
    timestamp: datetime
    headers: tuple[tuple[str, bytes], ...] = ()


class PureStep(Protocol[M_contra]):
    """A step that needs nothing but its tables."""

    def __call__(self, message: M_contra, /) -> Outputs:
        """Yield what follows from `message`."""
        ...


class AskingStep(Protocol[M_contra, A_contra]):
    """A step that asks the world before it decides."""

    def ask(self, message: M_contra, /) -> Awaitable[Any]:
        """Start the question that `message` raises; called and awaited in the read order of a connection.

        The loop may give up on an open question (it cancels the awaitable) when the partition goes to
        another worker: the message was not acknowledged, so it is read and asked again.
        """
        ...

    def __call__(self, message: M_contra, answer: A_contra, /) -> Outputs:
        """Yield what follows from `message` and the answer; called in the read order of a connection."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A step's stand in the pipeline: what it reads, which tables it keeps, how one is made."""

    step: Step
    reads: Topic
    make: Callable[..., Any]
    """Makes the step of one partition from that partition's tables, in the order of `tables`."""
    tables: tuple[Table, ...] = ()
    grace: float = 2.0
    """Seconds that open questions get when the partition moves; then they are given up and asked anew."""
    aside: Table | None = None
    """Where the connections stand that hold the others up; without it they do."""
    ahead: Step | None = None
    """The step that reads what this one writes, and whose partition comes and goes with it.

    Where it runs in the same process, `make` gets it as well, after the tables. Then a step with a `rests`
    is asked by key whether anything that was handled before can have anything to say (streams.loop.passing).
    """

    @property
    def kept(self) -> tuple[Table, ...]:
        """All tables that come and go with the partition."""
        return self.tables if self.aside is None else (*self.tables, self.aside)


Sendable = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]
"""Key, value (None is a tombstone) and headers of a record to be."""

Spot = tuple[str, int]
"""Topic and partition."""


class Sink(Protocol):
    """Where windows go: Kafka's producer in the worker, a broker in memory in tests."""

    def partition(self, key: bytes | None, /) -> int:
        """Return the partition to which a key belongs; every topic has the same number of them."""
        ...

    async def post(self, records: Mapping[Spot, Sequence[Sendable]], /) -> Awaitable[Mapping[Spot, int]]:
        """Hand over the records, which then stand in this order; await the result to know them durable.

        The result holds the last offset written at each spot. It raises when any record was refused.
        """
        ...


Again = Callable[[Spot, int], AsyncGenerator[Delivery, None]]
"""Reads a partition once more, from an offset to where it ends now; what was deleted there is passed over."""

Done = Callable[[], object]
"""Acknowledges a delivery: all that it caused is durable."""

Die = Callable[[BaseException], None]
"""Ends the process at once, without acknowledging or committing anything more."""

Clock = Callable[[], datetime]
