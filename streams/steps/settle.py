"""Note how a row stands once a command of it has concluded: what that ends, and what it leaves failed."""

from collections.abc import Iterator
from dataclasses import dataclass

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.steps import ends
from streams.steps.id_map import Delivered, IdMap, RowKey, row_key
from streams.steps.parked import Lot, Parked, Waiting


@dataclass(frozen=True, slots=True)
class Settle:
    """The noting half of deliver: one row of a client, and what waits or has failed of it."""

    map: IdMap
    lots: Parked

    def there(self, command: Command, row: RowKey, delivered: Delivered) -> Iterator[AuditEntry]:
        """Note what Salesforce holds of the row; nothing older of it waits any longer, or has failed."""
        self.map.put(row, delivered)
        self.seen_to(command, row)
        waiting, lot = self.lots.of(command.key, row), self.lots.lot(command.key)
        if waiting is None or lot is None:
            return
        if waiting.id != command.id and not self._outdone(waiting, command, row):
            return
        self.lots.drop(command.key, row)
        lot.tries = 0
        self.lots.keep(command.key, lot)
        if waiting.id != command.id:
            yield self.overtaken(row, waiting)

    def _outdone(self, waiting: Waiting, by: Command, row: RowKey) -> bool:
        """Tell whether what waits has nothing to add to what Salesforce holds now.

        Of the same version it may be what another reading called for: then they ask for the same.
        """
        if waiting.version != by.version:
            return waiting.version < by.version
        its = waiting.command()
        same = its.content == by.content and its.fields.keys() <= by.fields.keys()
        return same and not self.map.demanded(row, its)

    def seen_to(self, command: Command, row: RowKey) -> None:
        """Let nothing wait any more behind what failed of a row up to this version."""
        lot = self.lots.lot(command.key)
        if lot is not None and lot.failed:
            lot.seen_to(row, command.version)
            self.lots.keep(command.key, lot)

    def look_again(self, command: Command, *, holds_back: bool) -> None:
        """Forget the failed rows of the client that hold nothing back any more."""
        lot = self.lots.lot(command.key) or Lot()
        its = self.lots.failed(command.key).items()
        lot.failed = {row.hex(): at for row, at in its if holds_back and not self.map.outdid(row, at)}
        self.lots.keep(command.key, lot)

    def overtaken(self, row: RowKey, waiting: Waiting) -> AuditEntry:
        """Return the end of what waited for a row until a newer one took its place: one look is for both."""
        older = waiting.command()
        self.map.passed_over(row, older)
        return ends.overtaken(older)

    def failed(self, command: Command, *, holds_back: bool) -> None:
        """Note that a command became a dead letter, behind which the rest of its client waits.

        It waits no longer itself: released once more, it would end twice.
        """
        row, lot = row_key(command.row), self.lots.lot(command.key) or Lot()
        self.map.unsure(row)
        waiting = self.lots.of(command.key, row)
        if waiting is not None and waiting.id == command.id:
            self.lots.drop(command.key, row)
        newer = waiting is not None and waiting.version > command.version
        carries = command.id == lot.portion.last  # or the rest would wait for ever where nothing holds back
        if (holds_back or carries) and not newer:
            lot.failed[row.hex()] = max(command.version, lot.failed.get(row.hex(), 0))
        lot.tries = 0
        self.lots.keep(command.key, lot)
