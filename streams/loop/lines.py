"""Who waits for whom: a line per connection, and the lines do not wait for each other.

All that a step keeps belongs to one connection, so order matters within a connection alone. A line moves
when the question of its first is answered: no task runs for it, and an empty line is gone.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from streams.loop.opened import Opened


@dataclass(eq=False, slots=True)
class Line:
    """What one connection was asked and has not concluded, in read order."""

    connection: bytes
    open: deque[Opened] = field(default_factory=deque)
    weight: int = 0

    @property
    def since(self) -> float:
        """Return since when its first waits: a vendor that answers slowly keeps a long line waiting, too."""
        return self.open[0].since


class Lines:
    """The lines of one pump. `conclude` is called in read order within a line, and never raises."""

    def __init__(self, conclude: Callable[[Opened], object]) -> None:
        self._conclude = conclude
        self._lines: dict[bytes, Line] = {}
        self._gone = asyncio.Event()

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines.values())

    def of(self, connection: bytes) -> Line | None:
        """Return the line of a connection, None when it is empty."""
        return self._lines.get(connection)

    def put(self, opened: Opened) -> Line:
        """Put a delivery that was asked at the end of its line; return the line."""
        connection = opened.connection
        line = self._lines.get(connection)
        if line is None:
            line = self._lines[connection] = Line(connection)
        opened.since = asyncio.get_running_loop().time()
        line.open.append(opened)
        line.weight += opened.weight
        if len(line.open) == 1:
            self._watch(line)
        return line

    async def empty(self) -> None:
        """Return when all is concluded."""
        while self._lines:
            self._gone.clear()
            await self._gone.wait()

    def forget(self) -> None:
        """Give all questions up."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            while line.open:
                line.open.popleft().forget()

    def _watch(self, line: Line) -> None:
        """Come back when the first of a line is answered; never at once, as others may be asked along."""
        question = line.open[0].question
        if question is None:
            asyncio.get_running_loop().call_soon(self._move, line)
        else:
            question.add_done_callback(lambda _: self._move(line))

    def _move(self, line: Line) -> None:
        waiting = line.open
        while waiting and ((question := waiting[0].question) is None or question.done()):
            opened = waiting.popleft()
            line.weight -= opened.weight
            self._conclude(opened)
        if waiting:
            self._watch(line)
        elif self._lines.get(line.connection) is line:
            del self._lines[line.connection]
            self._gone.set()
