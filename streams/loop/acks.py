"""Acknowledgements in the order of reading, whatever is finished first.

Kafka remembers one offset per partition, and the framework takes an acknowledgement out of order for
progress past what is missing (a trap, measured). So what is finished early waits here for its turn.
"""

from collections import deque

from streams.loop.opened import Opened


class Acks:
    """The deliveries that are not acknowledged yet, in read order."""

    def __init__(self, begin: int = 0) -> None:
        self.position = begin
        """The offset that Kafka gives us next."""
        self.reached = begin
        """All before this offset is acknowledged."""
        self.weight = 0
        """Bytes of their values."""
        self.waiting: deque[Opened] = deque()

    def expect(self, opened: Opened) -> None:
        """Take in the next delivery that was read."""
        self.waiting.append(opened)
        self.position = opened.offset + 1
        self.weight += opened.weight

    def settle(self) -> None:
        """Acknowledge what is finished, up to the first delivery that is not."""
        waiting = self.waiting
        while waiting and waiting[0].finished:
            opened = waiting.popleft()
            self.weight -= opened.weight
            self.reached = opened.offset + 1
            opened.done()

    def forget(self) -> None:
        """Acknowledge nothing more: whoever reads the partition next gets the rest again."""
        self.waiting.clear()
        self.weight = 0
