"""Let go what waited: its Account or Opportunity is there, or the failed row before it is seen to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streams.domain.audit import AuditEntry
from streams.domain.command import Command, SObject
from streams.domain.event import Event
from streams.steps import ends
from streams.steps.id_map import IdMap, RowKey, is_parent, row_key
from streams.steps.parked import FIRST, Lot, Parked, Portion, Turn

PORTION: Final = 500
"""How many rows are let go at a time: a client's may be thousands, and what is said at once is in memory."""

Goes = Iterator[AuditEntry | Command | Event]
"""The word that a command goes on its way, and the command; and what is asked for along with it."""


@dataclass(frozen=True, slots=True)
class Release:
    """The releasing half of deliver. Who makes a command wait is streams.steps.wait."""

    map: IdMap
    lots: Parked

    def __call__(self, command: Command, row: RowKey, *, came: bool, freed: bool) -> Goes:
        """Release what waits for this Account, or no longer behind a failed row, if nothing else is failed.

        An Order that is looked for before its Opportunity landed would wait again, hence parents go first;
        and thousands go portion by portion. Ask for all that was lost with it. A repeat says the same.
        """
        lot = self.lots.lot(command.key)
        if (lot is not None or is_parent(command)) and self.map.doubted_by(command):
            yield ends.seen_again(command, lot.tries if lot else 0)
        if lot is None or lot.failed:
            return
        since = self._turn(command, lot, row, came=came, freed=freed)
        if since is not None:
            yield from self._portion(command, lot, since)
        else:
            yield from self._children(command, row, lot.released_by)

    def _portion(self, command: Command, lot: Lot, since: Turn) -> Goes:
        going = self.lots.next(command.key, lot, since, PORTION, but=command.id)
        upto, last = (going[-1].turn, going[-1].id) if len(going) == PORTION else (since, "")
        lot.released_by, lot.portion = command.id, Portion(command.id, since, upto, last)
        self.lots.keep(command.key, lot)
        for goes in (it.command() for it in going):
            yield ends.released(goes, command)
            yield goes

    def _children(self, command: Command, row: RowKey, released_by: str) -> Goes:
        """Release the Order, the link and the lines that wait for this Opportunity, whenever it is there.

        Where all was released already, that is the one which let all others go and waits for this one itself.
        While it waits, too, they stay: sent before it, they would only wait again.
        """
        if command.sobject is not SObject.OPPORTUNITY or not self.map.of(row).there:
            return
        if self.lots.of(command.key, row) is not None:
            return
        for its in map(row_key, command.found):
            waiting = self.lots.of(command.key, its)
            if waiting is not None and released_by in {"", waiting.id}:
                goes = waiting.command()
                yield ends.released(goes, command)
                yield goes

    def _turn(self, command: Command, lot: Lot, row: RowKey, *, came: bool, freed: bool) -> Turn | None:
        """Return after whose turn the next of what waits may go; None when `command` lets nothing go."""
        arrived = is_parent(command) and (came or (not lot.released_by and self.map.of(row).there))
        if freed or arrived:
            return FIRST
        if command.id == lot.portion.last:
            return lot.portion.upto
        return lot.portion.after if command.id in {lot.portion.by, lot.released_by} else None
