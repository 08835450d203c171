"""The commands under way of one partition: asked, not yet concluded."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from streams.domain.command import Command
from streams.ports import Absent, Answer, Applied, HeldBack, Rejected
from streams.steps.id_map import RowKey


@dataclass(frozen=True, slots=True)
class Needless:
    """Salesforce has the content already, or will once what is under way has landed."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Something newer of the same row was delivered, is under way or waits."""


@dataclass(frozen=True, slots=True)
class Behind:
    """An earlier row of the client failed, or waits for the Account, so this one waits too."""


@dataclass(frozen=True, slots=True)
class Waived:
    """A person said that nothing needs to come of it."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """The row is another client's to write."""


Said = Answer | Needless | Stale | Behind | Waived | Yielded


@dataclass(frozen=True, slots=True)
class Word:
    """What came of a command."""

    said: Said
    sure: bool = True
    """Whether its parents were known to be there before it was sent: if not, they may have come since."""
    whole: Command | None = None
    """The command, with what older states of the row were to hold whose place it takes."""

    def of(self, command: Command) -> Command:
        """Return the command with what older states were to hold whose place it took on its way."""
        whole = self.whole or command
        return whole.after(self.said.fields) if isinstance(self.said, HeldBack) else whole


@dataclass(eq=False, slots=True)
class Flight:
    """A command under way, and the word that will come of it."""

    command: Command
    whole: Command
    """What is sent: the command, with what older states were to hold that were not sent, and demanded."""
    new: bool = False
    """Whether the row is an Account that is still to be found or made, by this flight or one before it."""
    sent: bool = False
    """Whether Salesforce was asked for the row, by this flight or one before it that is not concluded."""
    went: bool = False
    """Whether Salesforce was asked by this very flight."""
    owed: bool = False
    """Whether it takes the place of one that was to be sent whatever is there, and was not."""
    word: "asyncio.Future[Word] | None" = None
    nth: int = 0
    """The how-manieth of the partition it is."""
    gave_way: bool = False
    """Whether a newer one takes its place, for whose end its own word waits."""
    _giving_way: "asyncio.Future[None] | None" = None

    async def landed(self) -> bool:
        """Wait until it is over or gives way; tell whether Salesforce now holds what it asked for."""
        return isinstance(await self.said(), Applied | Needless)

    async def said(self) -> Said | None:
        """Wait until it is over or gives way; return what was said of it, None when nothing was."""
        if self.word is None or self.gave_way:
            return None
        if self._giving_way is None:
            self._giving_way = asyncio.get_running_loop().create_future()
        either: set[asyncio.Future[Any]] = {self.word, self._giving_way}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self.word.done() or self.word.cancelled() or self.word.exception() is not None:
            return None
        return self.word.result().said

    def holds_all_of(self, older: "Flight") -> bool:
        """Tell whether it leaves nothing of an older one alone, with what it sends along."""
        return older.whole.fields.keys() <= self.whole.fields.keys()

    def give_way(self) -> None:
        """Let those that wait for it wait for the newer one that takes its place."""
        if self._giving_way is not None and not self.gave_way:
            self._giving_way.set_result(None)
        self.gave_way = True


@dataclass(slots=True)
class Flights:
    """The newest command under way of each row."""

    _newest: dict[RowKey, Flight] = field(default_factory=dict)
    _refused: dict[str, list[tuple[RowKey, Flight]]] = field(default_factory=dict)
    """By client: what Salesforce refused, and whose command is not buried yet."""
    _count: Iterator[int] = field(default_factory=count)

    def of(self, row: RowKey) -> Flight | None:
        """Return the newest flight of a row."""
        return self._newest.get(row)

    async def landed(self, row: RowKey) -> bool:
        """Wait for what is under way for a row, or takes its place; tell whether any of it landed."""
        flight = self.of(row)
        while flight is not None:
            if await flight.landed():
                return True
            flight = self._after(row, flight)
        return False

    async def outcome(self, row: RowKey, older: Flight) -> Flight | None:
        """Wait for what came after `older`; return the first that landed with all of it, else the last.

        Where there is no row to hold anything, or it is another client's, `older` has nothing to add.
        """
        landed, flight = None, self.of(row)
        while flight is not None:
            said = await flight.said()
            if isinstance(said, Absent) or flight.command.yields:
                return flight
            if isinstance(said, Applied | Needless):
                landed = flight
                if flight.holds_all_of(older):
                    break
            flight = self._after(row, flight)
        return landed

    def _after(self, row: RowKey, flight: Flight) -> Flight | None:
        """Return the newest flight of a row; None where that is the one which is known."""
        newest = self.of(row)
        return None if newest is flight else newest

    def take_off(self, row: RowKey, flight: Flight) -> None:
        """Note that a command is under way.

        One of the same version that another mapping made may have been sent by a worker that died: then
        what was delivered at that version is not surely there.
        """
        flight.nth = next(self._count)
        before = self._newest.get(row)
        if before is not None and before.command.version == flight.command.version:
            flight.owed = flight.owed or before.command.content != flight.command.content
        self._newest[row] = flight

    def heard(self, row: RowKey, flight: Flight, said: Said) -> None:
        """Note what was said of a command: behind a refused one nothing of the client may go any more."""
        if isinstance(said, Rejected):
            self._refused.setdefault(flight.command.key, []).append((row, flight))

    def refused(self, flight: Flight) -> frozenset[RowKey]:
        """Return the rows of the same client that were refused, of those that took off before `flight`."""
        its = self._refused.get(flight.command.key, ())
        return frozenset(row for row, other in its if other.nth < flight.nth)

    def concluded(self, row: RowKey, command: Command) -> None:
        """Forget the flight of a command, unless a newer one of its row is under way."""
        flight = self._newest.get(row)
        if flight is not None and flight.command is command:
            del self._newest[row]
        if its := self._refused.pop(command.key, None):
            left = [each for each in its if each[0] != row or each[1].command is not command]
            if left:
                self._refused[command.key] = left
