"""The connections of a pump that are aside: they wait for their vendor, and nobody waits for them."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final, Protocol

from streams.loop.aside import Aside, Stand
from streams.loop.contract import Again, Die, Spot
from streams.loop.journal import Journal
from streams.loop.limits import Limits
from streams.loop.lines import Line
from streams.loop.opened import Opened
from streams.loop.window import Then

AFTER_A_CRASH: Final = 2
"""So much more than the limits is read before the first question: the commit may be behind the
acknowledgements, and the row behind the conclusions, by as much as the limits at most."""


class Party(Protocol):
    """What those aside need of their pump."""

    @property
    def position(self) -> int:
        """The offset that Kafka gives it next."""
        ...

    def ask(self, opened: Opened, /) -> object:
        """Start a question; it is concluded in its turn."""
        ...

    def line(self, connection: bytes, /) -> Line | None:
        """Return what a connection has open."""
        ...

    def note(self, journal: Journal, then: Then, /) -> None:
        """Bring a changed row to Kafka, and say when it is durable."""
        ...

    def settle(self) -> None:
        """Acknowledge what is finished now."""
        ...

    def tell(self, aside: Aside, *, back: bool) -> None:
        """Let people know."""
        ...


class Asides:
    """The connections of one pump that are aside."""

    def __init__(  # noqa: PLR0913, PLR0917  # where, from what, within what, with whom
        self, spot: Spot, rows: Journal, again: Again, limits: Limits, party: Party, failed: Die
    ) -> None:
        self._spot, self._rows, self._again = spot, rows, again
        self._limits, self._party, self._failed = limits, party, failed
        self._half, self._most = limits.times(0.5), limits.times(AFTER_A_CRASH)
        self.by: dict[bytes, Aside] = {}
        """By connection."""
        self._readers: set[asyncio.Task[None]] = set()
        self._shut = False

    @property
    def clogged(self) -> bool:
        """Tell whether one has to see its row gone before more of it may be asked."""
        return any(it.stand is Stand.CLEARING and it.full(self._limits) for it in self.by.values())

    def take_over(self) -> None:
        """Go on for those whose rows are here.

        The position of the pump is before a row when the offsets were set back for a replay, or when the
        commit came to less than the row: then the connection goes back as well.
        """
        position = self._party.position
        for connection, raw in [*self._rows.items()]:
            row = min(int.from_bytes(raw, "big"), position)
            aside = self.by[connection] = Aside(connection, row, upto=position, next=row)
            if raw == _spelled(row):
                self._stand(aside)
            else:
                self._write(aside, row, partial(self._stand, aside))

    def go(self, line: Line) -> None:
        """Let a connection that is in the way go aside."""
        aside = self.by.get(line.connection)
        if aside is not None:
            if aside.stand is Stand.JOINED:
                self._part(aside)
            return
        first, position = line.open[0].offset, self._party.position
        aside = Aside(line.connection, first, upto=position, next=position)
        aside.held, aside.weight = len(line.open), line.weight
        self.by[line.connection] = aside
        self._write(aside, first, partial(self._left, aside))
        self._party.tell(aside, back=False)

    def stands_aside(self, line: Line) -> bool:
        """Tell whether a connection is in nobody's way."""
        aside = self.by.get(line.connection)
        return aside is not None and aside.stand is not Stand.JOINED

    def keeps(self, opened: Opened) -> bool:
        """Take note of a new delivery; tell whether it belongs to one aside, and is not to be asked now."""
        aside = self.by.get(opened.connection)
        kept = aside is not None and aside.knows(opened) and self._kept(aside, opened)
        for each in [*self.by.values()]:
            if each.stand is Stand.JOINED and not each.covered:
                self._look(each)
        return kept

    def durable(self, closed: Sequence[Opened]) -> None:
        """Note that deliveries are concluded for good, before they count as finished; `look` afterwards."""
        for opened in closed:
            aside = self.by.get(opened.connection)
            if aside is not None:
                aside.concluded(opened)

    def look(self) -> None:
        """See what each can do next."""
        for aside in [*self.by.values()]:
            self._look(aside)

    def stop(self) -> Sequence["asyncio.Task[None]"]:
        """Read no more; return what is on its way to its end."""
        self._shut = True
        for reader in self._readers:
            reader.cancel()
        return [*self._readers]

    def _kept(self, aside: Aside, opened: Opened) -> bool:
        if aside.meets(opened):
            if aside.stand is Stand.CLEARING or not aside.full(self._limits):
                aside.take(opened)
                return False
            self._part(aside)
        aside.pass_by(opened)
        self._party.settle()
        self._look(aside)
        return True

    def _left(self, aside: Aside) -> None:
        """Let Kafka have for done what is open: from now on the row stands for it."""
        aside.leave(self._party.line(aside.connection))
        self._party.settle()

    def _part(self, aside: Aside) -> None:
        """Leave the others once more: the row still stands for all that is open."""
        aside.moves = False
        self._left(aside)

    def _stand(self, aside: Aside) -> None:
        """Begin at the row, knowing nothing of what was asked from there on."""
        self._left(aside)
        self._party.tell(aside, back=False)
        self._read(aside, self._anew(aside))

    def _look(self, aside: Aside) -> None:
        """Do what is due: read on, join the others, move the row or delete it."""
        if aside.stand is Stand.ASIDE and not aside.reading:
            self._go_on(aside)
        if aside.writing or aside.stand is Stand.LEAVING:
            return
        if aside.stand is Stand.JOINED and not aside.covered and self._party.position >= aside.upto:
            aside.stand = Stand.CLEARING
            self._write(aside, None, partial(self._back, aside))
        elif aside.left[0]:
            left, aside.left = aside.left, (0, 0)
            self._write(aside, aside.done, partial(aside.moved, aside.done, left))

    def _go_on(self, aside: Aside) -> None:
        """Join the others or read on; but one that stands still would only be in the way again."""
        if not aside.moves and self._party.line(aside.connection) is not None:
            return
        if not aside.behind:
            aside.stand, aside.upto = Stand.JOINED, aside.next
        elif not aside.full(self._half) and not self._shut:
            self._read(aside, self._on(aside))

    def _back(self, aside: Aside) -> None:
        del self.by[aside.connection]
        self._party.tell(aside, back=True)
        self._party.settle()

    def _write(self, aside: Aside, row: int | None, then: Then) -> None:
        """Move the row, or delete it; act when that is durable."""
        aside.writing = True
        if row is None:
            del self._rows[aside.connection]
        else:
            self._rows[aside.connection] = _spelled(row)
        self._party.note(self._rows, partial(self._written, aside, then))

    def _written(self, aside: Aside, then: Then) -> None:
        aside.writing = False
        then()
        if aside.stand is not Stand.CLEARING:
            self._look(aside)

    def _read(self, aside: Aside, reading: Coroutine[Any, Any, None]) -> None:
        aside.reading = True
        reader = asyncio.create_task(reading)
        self._readers.add(reader)
        reader.add_done_callback(self._has_read)

    def _has_read(self, reader: "asyncio.Task[None]") -> None:
        self._readers.discard(reader)
        if not reader.cancelled() and (why := reader.exception()) is not None:
            self._failed(why)

    async def _anew(self, aside: Aside) -> None:
        """Read all that may have been asked before the crash, and only then ask it, together."""
        early: list[Opened] = []
        async with aclosing(self._deliveries(aside)) as deliveries:
            async for opened in deliveries:
                early.append(opened)
                if aside.full(self._most):
                    break
        for opened in early:
            self._party.ask(opened)
        self._stop_reading(aside)

    async def _on(self, aside: Aside) -> None:
        """Read on and ask, up to where the others are or until there is no room."""
        async with aclosing(self._deliveries(aside)) as deliveries:
            async for opened in deliveries:
                self._party.ask(opened)
                if not aside.behind or aside.full(self._limits):
                    self._stop_reading(aside)  # now: while the reader is closed the others go on
                    return
        self._stop_reading(aside)

    def _stop_reading(self, aside: Aside) -> None:
        aside.reading = False
        self._look(aside)

    async def _deliveries(self, aside: Aside) -> AsyncGenerator[Opened, None]:
        """Yield the connection's own deliveries; afterwards it has read to where the log ended."""
        end = aside.upto
        async with aclosing(self._again(self._spot, aside.next)) as deliveries:
            async for delivery in deliveries:
                opened = Opened(delivery, len(delivery.value or b""), _nothing, finished=True)
                if opened.connection == aside.connection:
                    aside.take(opened)
                    yield opened
                else:
                    aside.next = opened.offset + 1
        aside.next = max(aside.next, end)


def _nothing() -> None:
    """Acknowledge nothing: Kafka has it for done."""


def _spelled(row: int) -> bytes:
    return row.to_bytes(8, "big")
