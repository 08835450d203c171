"""What the loop needs of a step, and what flows through it.

A step is pure: it gets one decoded value with its tables and yields values. A step that must ask the
world first has an `ask`: it starts the question (many are open at a time) and the loop hands the answer
to the pure part, in the order of reading. So tables change and outputs leave in read order, always.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from streams.domain.message import Value
from streams.domain.place import Place

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
        """Start the question that `message` raises; called in read order, awaited in read order."""
        ...

    def __call__(self, message: M_contra, answer: A_contra, /) -> Outputs:
        """Yield what follows from `message` and the answer; called in read order."""
        ...


Clock = Callable[[], datetime]
