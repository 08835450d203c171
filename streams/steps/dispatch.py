"""Decide what a command needs before anything is sent; send it when that is a call."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from streams.domain.command import Command
from streams.domain.identity import ConnectionName
from streams.ports import HeldBack, ParentMissing, Replaced, Rows, Undecided
from streams.steps.flights import Behind, Flight, Flights, Needless, Said, Stale, Waived, Word, Yielded
from streams.steps.id_map import IdMap, RowKey, is_parent, parents, row_key
from streams.steps.parked import Parked, Waiting

Parents = tuple[RowKey, ...]
"""The missing parents that a row waits for."""

HoldsBack = Callable[[ConnectionName], bool]
"""Whether a failed row of a connection holds back what follows of its client."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The asking half of deliver. It sees the tables as concluded, and beside them what is under way."""

    rows: Rows
    map: IdMap
    lots: Parked
    flights: Flights
    holds_back: HoldsBack

    def ask(self, command: Command) -> Awaitable[Word]:
        """Start what `command` needs, in read order; the answer says what came of it."""
        if command.waived:
            return _known(Waived())
        row = row_key(command.row)
        before, waiting = self.flights.of(row), self.lots.of(command.key, row)
        if command.version < self._newest(row, before, waiting):
            return _known(Stale())
        if command.yields:
            self._takes_off_all(command)
            return _known(Yielded())
        its_own = waiting is not None and waiting.id == command.id
        alone, owed = waiting is None or its_own, self._owed(row, before, None if its_own else waiting)
        if before is None and not owed and self._held_already(row, command, alone=alone):
            return _known(Needless())
        new = is_parent(command) and (not self.map.of(row).there or (before is not None and before.new))
        sent = before is not None and before.sent
        now = Flight(command, _whole(command, before, waiting), new, sent=sent, owed=owed)
        self.flights.take_off(row, now)
        missing = tuple(it for it in parents(command) if not self.map.of(it).there)
        held = self._held(command, missing, its_own=its_own)
        now.word = asyncio.ensure_future(self._word(row, now, before, held, sure=not missing))
        return now.word

    def _takes_off_all(self, command: Command) -> None:
        """Let nothing older of any row of an invoice that went to another client be sent any more."""
        for row in map(row_key, command.rows):
            before = self.flights.of(row)
            self.flights.take_off(row, Flight(command, command, sent=before is not None and before.sent))

    def _newest(self, row: RowKey, before: Flight | None, waiting: Waiting | None) -> int:
        """Return the version below which a command of this row is out of date."""
        return max(
            self.map.of(row).version,
            before.command.version if before else -1,
            waiting.version if waiting else -1,
        )

    def _held_already(self, row: RowKey, command: Command, *, alone: bool) -> bool:
        """Tell whether Salesforce holds what `command` asks for.

        Where an older state was to be sent before it, a worker before us may have done so and died before it
        could say so: then only what was delivered at this version, or a later one, is surely there.
        """
        return self.map.holds(row, command) and (alone or self.map.of(row).version >= command.version)

    def _owed(self, row: RowKey, before: Flight | None, waiting: Waiting | None) -> bool:
        """Tell whether a demand is not met yet of what is under way or waits for the row, until now."""
        if waiting is not None and self.map.demanded(row, waiting.command()):
            return True
        return before is not None and (before.owed or self.map.demanded(row, before.command))

    def _held(self, command: Command, missing: Parents, *, its_own: bool) -> Parents:
        """Return the parents to wait for: those under way, or all if other rows of the client wait already.

        A command that waits itself was released, or is read again: it has to try, unless its Account waits.
        """
        if its_own:
            return tuple(it for it in missing if self.lots.of(command.key, it) is not None)
        if self.lots.lot(command.key) is not None:
            return missing
        return tuple(it for it in missing if self.flights.of(it) is not None)

    async def _word(
        self, row: RowKey, now: Flight, before: Flight | None, held: Parents, *, sure: bool
    ) -> Word:
        said: Said | None = None
        try:
            said = await self._said(row, now, before, held)
        finally:
            if said is None:  # it will be buried or asked anew: nothing newer of the row is under way
                self.flights.concluded(row, now.command)
        self.flights.heard(row, now, said)
        return Word(said, sure, now.whole)

    async def _said(self, row: RowKey, now: Flight, before: Flight | None, held: Parents) -> Said:
        for parent in held:
            if not await self.flights.landed(parent):
                return Behind()
        if before and before.new and before.sent:
            landed = await before.landed()  # who it is takes a while: no later write may get there first
            now.new = before.new and not landed
        if before and _same(before.command, now.command) and await before.landed():
            return Needless()
        if (newer := await self._instead(row, now)) is not None:
            return await self._rest(row, now, newer)
        if not (now.sent or now.owed) and self._held_already(row, now.command, alone=False):
            return Needless()
        if self._behind_failed(row, now):
            return Behind()
        now.sent = now.went = True
        said = await (self.rows.introduce(now.whole) if now.new else self.rows.write(now.whole))
        return await self._overtaken(row, now, said)

    async def _instead(self, row: RowKey, now: Flight) -> Flight | None:
        """Return what goes instead of `now`, a newer state; None when `now` is to go.

        What the newer one leaves alone goes along with it. Were `now` over before that landed, a crash or a
        retry would bring back the newer one alone, as the log has it; so `now` waits, or goes after all.
        """
        newest = self.flights.of(row)
        if newest is None or newest is now:
            return None
        if now.command.fields.keys() <= newest.command.fields.keys():
            return newest
        now.give_way()
        landed, newest = await self.flights.outcome(row, now), self.flights.of(row)
        if landed is None and newest is not None:
            newest.sent = True
        return landed

    async def _overtaken(self, row: RowKey, now: Flight, said: Said) -> Said:
        """Return the end of `now` as a newer state decides it that landed, where `now` itself did not."""
        newest = self.flights.of(row)
        if newest is None or newest is now or not isinstance(said, HeldBack | ParentMissing | Undecided):
            return said
        if now.command.fields.keys() <= newest.command.fields.keys():
            return said
        now.give_way()
        landed = await self.flights.outcome(row, now)
        return said if landed is None else await self._rest(row, now, landed)

    async def _rest(self, row: RowKey, now: Flight, newer: Flight) -> Said:
        """End `now` with the newer state that took its place.

        One between them may have taken along what this one leaves alone, and have been refused: then nobody
        but `now` knows of it, and it is written with the newest state once more. Held back, it goes again.
        Should the Account be lost, both wait as that state: as an older one it would end with that one's end.
        """
        while not (newer.command.yields or newer.holds_all_of(now)):
            both = newer.whole.after(now.whole.fields, now.whole.nonce)
            said = await self.rows.write(both)
            if not isinstance(said, HeldBack | ParentMissing):
                return said
            last, newer = newer, await self.flights.outcome(row, now) or newer
            if isinstance(said, ParentMissing) and newer is last:
                now.whole = both.model_copy(update={"id": now.command.id})
                return said
        return Replaced(newer.command.id)

    def _behind_failed(self, row: RowKey, now: Flight) -> bool:
        """Tell whether an earlier row of the client failed. What is of a failed row itself is a new try.

        An Opportunity does not wait for its lines: they may be refused until it has their currency.
        """
        command = now.command
        if not self.holds_back(command.connection):
            return False
        failed = self.lots.failed(command.key)
        if row in failed:
            return False
        lines = row_key(command.lines)
        still = any(not self.map.outdid(it, version) for it, version in failed.items() if it != lines)
        refused = self.flights.refused(now) - {lines}
        return (still or bool(refused)) and row not in refused


def _whole(command: Command, before: Flight | None, waiting: Waiting | None) -> Command:
    """Return `command` with what an older state was to hold that waits, or that it takes the place of.

    What that one demanded it demands as well: whoever sends it must not go by what he remembers of the row.
    What waits may be `command` itself, which took the place of an older one before a crash.
    """
    if before is not None:
        return command.after({} if before.went else before.whole.fields, before.whole.nonce)
    if waiting is None:
        return command
    older = waiting.command()
    return command.after(older.fields, older.nonce)


def _same(before: Command, now: Command) -> bool:
    """Tell whether `now` asks for nothing that `before` did not ask for."""
    return before.content == now.content and now.nonce <= before.nonce


async def _known(said: Said) -> Word:
    return Word(said)
