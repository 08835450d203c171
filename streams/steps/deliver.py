"""Bring each row to Salesforce once, in order, parents first; say how every command ended."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, assert_never

from streams.domain.audit import AuditEntry
from streams.domain.command import Command, SObject
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, SalesforceId
from streams.ports import (
    Absent,
    Applied,
    HeldBack,
    ParentMissing,
    Rejected,
    Replaced,
    Rows,
    State,
    TurnedAway,
    Undecided,
)
from streams.steps import ends
from streams.steps.dispatch import Dispatch, HoldsBack
from streams.steps.flights import Behind, Flights, Needless, Stale, Waived, Word, Yielded
from streams.steps.id_map import NO_CONTENT, Delivered, IdMap, RowKey, is_parent, moment, row_key, short
from streams.steps.parked import Lot, Parked
from streams.steps.release import Release
from streams.steps.rest import Rest
from streams.steps.settle import Settle
from streams.steps.wait import Wait

Outputs = Iterator[AuditEntry | Command | Event]

TIMES: Final = 3
"""How often in a row what hangs on an Opportunity is sent anew, before a person must look."""


def always(_: ConnectionName | Command) -> bool:
    """Hold back what follows a failed row, whatever its connection; take each row for what its hash says."""
    return True


@dataclass(slots=True)
class Deliver:
    """commands → rows. What is there already or out of date costs no call.

    What misses its parent waits, and so does what follows a failed row of its client.
    """

    rows: Rows
    id_map: State
    parked: State
    holds_back: HoldsBack = always
    as_derived: Callable[[Command], bool] = always
    """Whether a row is written by the rules that its content hash names, which may have changed since."""
    rest: Rest = field(init=False)
    """Which clients are at rest; who derives their rows may ask."""
    _map: IdMap = field(init=False)
    _lots: Parked = field(init=False)
    _settle: Settle = field(init=False)
    _wait: Wait = field(init=False)
    _release: Release = field(init=False)
    _dispatch: Dispatch = field(init=False)
    _flights: Flights = field(default_factory=Flights)

    def __post_init__(self) -> None:
        its = self._map, self._lots = IdMap(self.id_map), Parked(self.parked)
        self._settle, self._release, self.rest = Settle(*its), Release(*its), Rest(*its)
        self._wait = Wait(*its, self._settle)
        self._dispatch = Dispatch(self.rows, *its, self._flights, self.holds_back)

    def ask(self, command: Command) -> Awaitable[Word]:
        """Start what `command` needs."""
        return self._dispatch.ask(command)

    def __call__(self, command: Command, word: Word) -> Outputs:
        """Yield the end of `command`, or that it waits, and whatever that sets going.

        Raises:
            Refused: Salesforce will never take the row: bury the command.
        """
        row = row_key(command.row)
        self.rest.stirred(command.key)
        for its in map(row_key, command.rows) if command.yields else (row,):
            self._flights.concluded(its, command)
        if word.said == Replaced(command.id):
            return  # it was read twice: what comes of the other one is told
        asked = bool(command.nonce)
        command = word.of(command)
        missing, failing = not self._map.of(row).there, bool(self._lots.failed(command.key))
        if failing:
            self._settle.look_again(command, holds_back=self.holds_back(command.connection))
        yield from self._ended(command, row, word, asked=asked)
        if self._map.made_anew_by(row, command):
            yield ends.made_anew(command)
        came, freed = missing and self._map.of(row).there, failing and not self._lots.failed(command.key)
        yield from self._release(command, row, came=came, freed=freed)

    def buried(self, command: Command) -> None:
        """Note that a command became a dead letter, behind which the rest of its client waits.

        It waits no longer itself: released once more, it would end twice.
        """
        self.rest.stirred(command.key)
        self._settle.failed(command, holds_back=self.holds_back(command.connection))
        if command.sobject is SObject.OPPORTUNITY:
            self._map.stays(row_key(command.row))  # a retry counts anew how often the org deletes it

    def _ended(self, command: Command, row: RowKey, word: Word, *, asked: bool) -> Outputs:
        match word.said:
            case Applied() as answer:
                yield from self._applied(command, row, answer)
            case Absent() as answer:
                yield from self._absent(command, row, answer, asked=asked)
            case Needless():
                yield from self._needless(command, row)
            case Stale() | Replaced() | TurnedAway() as said:
                self._map.passed_over(row, command)
                yield ends.never_sent(command, said)
            case Waived() | Yielded():
                yield from self._given_up(command, row)
            case Undecided() as answer:
                lot = self._lots.lot(command.key) or Lot()
                yield from self._wait.park(command, row, lot, ends.parked(command, answer))
            case Behind() | HeldBack():
                yield from self._wait.in_turn(command, row, None, self._lots.lot(command.key) or Lot())
            case ParentMissing() as answer:
                yield from self._wait.for_parent(command, row, answer, sure=word.sure)
            case Rejected() as answer:
                yield from self._refused(command, row, answer)
            case never:
                assert_never(never)

    def _applied(self, command: Command, row: RowKey, answer: Applied) -> Outputs:
        """Note that Salesforce took the row, and whether it was another record before."""
        another = self._map.was_another(row, answer.salesforce_id)
        if is_parent(command) and another:
            self._map.doubt(command)
        if command.members and (another or command.nonce or not self._map.of(row).there):
            yield from ends.made(command)
        new = another or not self._map.of(row).there
        if command.sobject is SObject.OPPORTUNITY:
            self._sold(command, row, new=new)
        self._map.met(row, command)
        holds = short(command) if self.as_derived(command) else NO_CONTENT
        yield from self._settle.there(command, row, Delivered(answer.salesforce_id, command.version, holds))
        yield ends.applied(command, answer)

    def _sold(self, command: Command, row: RowKey, *, new: bool) -> None:
        """Note whether an Opportunity is another record, whose Order and lines are to be sent anew.

        Raises:
            Refused: so it was each time that they were: something in the org deletes it.
        """
        if not new:
            self._map.stays(row)
        elif self._map.left_behind(command) and self._map.made_anew(row, command) > TIMES:
            raise ends.deleted_each_time()

    def _absent(self, command: Command, row: RowKey, answer: Absent, *, asked: bool) -> Outputs:
        """Note that there is no such row; while the one that it belongs to waits, nobody can tell yet.

        Unless that one waits behind this one. Whether it was `asked` for is its own, not of what it took the
        place of.
        """
        lot = self._lots.lot(command.key)
        if command.seeks:
            yield from self._wait.park(command, row, lot or Lot(), ends.parked(command, ends.NO_ACCOUNT))
            if not asked:  # who asks because that Account was sent again asks no further
                yield ends.demanded(command)
            return
        failed = lot is not None and row.hex() in lot.failed
        if not failed and (waits := self._wait.with_sale(command, row)) is not None:
            yield from waits
            return
        self._map.met(row, command)
        sought = max(self._map.of(row).sought, moment(command))
        nothing = Delivered(SalesforceId(""), command.version, short(command), sought)
        yield from self._settle.there(command, row, nothing)
        yield ends.absent(command, answer)

    def _refused(self, command: Command, row: RowKey, answer: Rejected) -> Outputs:
        """Bury a refused command; but lines wait with their Opportunity, which may bring what they lack.

        Raises:
            Refused: Salesforce will never take the row.
        """
        waits = self._wait.with_sale(command, row) if command.sobject is SObject.LINES else None
        if waits is None:
            raise ends.refused(answer)
        yield from waits

    def _given_up(self, command: Command, row: RowKey) -> Outputs:
        """Note that nothing comes of a failed row any more, or of the rows of an invoice that went away.

        Whose those are now writes them last, once: all that was sent of them has its end by now, so nothing
        of this client can land after that.
        """
        if command.waived:
            self._settle.seen_to(command, row)
            yield ends.waived(command)
            return
        known, gone = self._map.of(row), Delivered(SalesforceId(""), command.version, short(command))
        its_own = int(command.id[:16], 16)  # asked again after a crash, it tells the same
        asked = known.sought if known.content == gone.content else its_own
        for its in map(row_key, command.rows):
            yield from self._settle.there(command, its, gone._replace(sought=asked) if its == row else gone)
        yield ends.yielded(command)
        if asked == its_own:
            yield ends.handed_over(command)

    def _needless(self, command: Command, row: RowKey) -> Outputs:
        """Note that the row is as it should be; should it have been lost in between, go round once more."""
        known = self._map.of(row)
        if not self._map.holds(row, command):
            yield command
            return
        yield from self._settle.there(command, row, known._replace(version=command.version))
        yield ends.unchanged(command, known.salesforce_id)
