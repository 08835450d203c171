"""Let a command wait: for its parent row, or behind a row of its client that failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.ports import ParentMissing
from streams.steps import ends
from streams.steps.id_map import IdMap, RowKey, parents, row_key
from streams.steps.parked import Lot, Parked
from streams.steps.settle import Settle

TRIES: Final = 3
"""How often a row may miss an Account that was confirmed in between, before a person must look."""

Waits = Iterator[AuditEntry | Command]
"""The word that it waits; or the command itself, which goes round once more as nothing is missing by now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The waiting half of deliver. Who lets go again is streams.steps.release."""

    map: IdMap
    lots: Parked
    settle: Settle

    def for_parent(self, command: Command, row: RowKey, answer: ParentMissing, *, sure: bool) -> Waits:
        """Let `command` wait for its Account; ask for the Account when Salesforce has lost it."""
        lot = self.lots.lot(command.key) or Lot()
        accounts = [*parents(command)]
        there = [it for it in accounts if self.map.of(it).there]
        if there and not sure:
            yield command  # the Account came in between
            return
        if lot.released_by and there:
            lot.tries += 1
        if not accounts or lot.tries > TRIES:
            raise ends.hopeless(answer)
        for account in there:
            self.map.lose(account)
            self.map.doubt(command)
        yield from self.in_turn(command, row, answer, lot)

    def in_turn(self, command: Command, row: RowKey, answer: ParentMissing | None, lot: Lot) -> Waits:
        """Keep `command` until its Account is there and no earlier row of the client is failed.

        Unless both came to be while it was under way. None waits for its own lines: they may wait for it.
        """
        if answer is None and lot.failed.keys() - {row.hex(), row_key(command.lines).hex()}:
            yield from self.park(command, row, lot, ends.behind_failed(command))
        elif answer is None and all(self.map.of(it).there for it in parents(command)):
            yield command
        else:
            yield from self.park(command, row, lot, ends.parked(command, answer))

    def with_sale(self, command: Command, row: RowKey) -> Waits | None:
        """Keep `command` while its Opportunity waits, to go after it; None when that one does not wait."""
        lot = self.lots.lot(command.key)
        if lot is None or not any(self.lots.of(command.key, it) for it in parents(command)):
            return None
        behind = lot.failed.keys() - {row.hex()}
        said = ends.behind_failed(command) if behind else ends.parked(command, None)
        return self.park(command, row, lot, said)

    def park(self, command: Command, row: RowKey, lot: Lot, said: AuditEntry) -> Waits:
        """Keep `command`; of each row only the newest is kept. If it failed before, it just waits by now.

        It may wait already, as it took the place of an older one; read again, it does not know of that one.
        """
        older = self.lots.of(command.key, row)
        if older is not None:
            before = older.command()
            command = command.after(before.fields, before.nonce)
        lot.released_by = ""
        lot.seen_to(row, command.version)
        self.lots.put(command.key, row, command, lot)
        self.lots.keep(command.key, lot)
        if older is not None and older.id != command.id:
            yield self.settle.overtaken(row, older)
        yield said
