"""Acknowledgements in the order of reading, whatever is finished first.

Kafka remembers one offset per partition, and the framework takes an acknowledgement out of order for
progress past what is missing (a trap, measured). So what is finished early waits here for its turn.
"""

from collections import deque

from streams.loop.opened import Opened


class Acks:
    """The deliveries that are not acknowledged yet, in read order."""

    def __init__(self) -> None:
        self.weight = 0
        """Bytes of their values."""
        self.waiting: deque[Opened] = deque()

    def expect(self, opened: Opened) -> None:
        """Take in the next delivery that was read."""
        self.waiting.append(opened)
        self.weight += opened.weight

    def settle(self) -> None:
        """Acknowledge what is finished, up to the first delivery that is not."""
        waiting = self.waiting
        while waiting and waiting[0].finished:
            opened = waiting.popleft()
            self.weight -= opened.weight
            opened.done()

    def forget(self) -> None:
        """Acknowledge nothing more: whoever reads the partition next gets the rest again."""
        self.waiting.clear()
        self.weight = 0
