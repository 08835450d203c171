"""What a pump acknowledges unseen: what a replay is not about, and what was handled before and is at rest."""

from collections.abc import Callable, Sequence
from typing import Any

from streams.loop.burial import BURIABLE
from streams.loop.contract import Delivery
from streams.loop.handled import Handled
from streams.loop.journal import Journal
from streams.loop.takeover import Takeover

Note = Callable[[Journal, Callable[[], object]], object]
"""Lets a change of a table go by itself."""


class Passing:
    """Looks at deliveries before they are read. Only a step with a `rests` passes by what it handled.

    How far that reaches is written down after `every` deliveries, and in the end.
    """

    def __init__(
        self, step: Any, journals: Sequence[Journal], takeover: Takeover, note: Note, every: int
    ) -> None:
        self._rewind, self._note = takeover.rewind, note
        self._handled: Handled | None = None
        ahead, rests = takeover.ahead, getattr(step, "rests", None)
        if ahead is not None and rests is not None:
            self._journal, self._handled = journals[0], Handled(journals[0], takeover.begin, every)
            self._at_rest: Callable[[bytes], bool] = lambda key: ahead.caught_up and rests(key)

    def __call__(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is to be passed by."""
        if self._handled is not None and self._handled.read(delivery):
            self._note(self._journal, bool)
        if self._rewind.skips(delivery):
            if self._handled is not None:
                self._handled.passed_by(delivery)
            return True
        if self._handled is None or not self._handled.holds(delivery) or self._rewind.nonce:
            return False
        try:
            return self._at_rest(delivery.key or b"")
        except BURIABLE:
            return False  # whatever fails here fails in its turn, where it is buried

    def buried(self, delivery: Delivery) -> None:
        """Note that a delivery became a dead letter."""
        if self._handled is not None:
            self._handled.buried(delivery)

    def reached(self, offset: int) -> None:
        """Note that all before `offset` is durable; now and then write it down."""
        if self._handled is not None and self._handled.reached(offset):
            self.write()

    def write(self) -> None:
        """Write down how far all is durable."""
        if self._handled is not None and self._handled.write():
            self._note(self._journal, bool)
