"""Bring each row to Salesforce once, in order, parents first; say how every command ended."""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from typing import Final, assert_never

from streams.domain.audit import AuditEntry
from streams.domain.command import OPTIONAL, Command, SObject
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
from streams.steps.id_map import Delivered, IdMap, RowKey, is_parent, moment, parents, row_key, short
from streams.steps.parked import FIRST, Lot, Parked, Portion, Turn, Waiting

TRIES: Final = 3
"""How often a row may miss an Account that was confirmed in between, before a person must look."""

PORTION: Final = 500
"""How many rows are let go at a time: a client's may be thousands, and what is said at once is in memory."""

Outputs = Iterator[AuditEntry | Command | Event]


def always(_: ConnectionName) -> bool:
    """Hold back what follows a failed row, whatever its connection."""
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
    _map: IdMap = field(init=False)
    _lots: Parked = field(init=False)
    _flights: Flights = field(default_factory=Flights)

    def __post_init__(self) -> None:
        self._map, self._lots = IdMap(self.id_map), Parked(self.parked)

    def ask(self, command: Command) -> Awaitable[Word]:
        """Start what `command` needs."""
        return Dispatch(self.rows, self._map, self._lots, self._flights, self.holds_back).ask(command)

    def __call__(self, command: Command, word: Word) -> Outputs:
        """Yield the end of `command`, or that it waits, and whatever that sets going.

        Raises:
            Refused: Salesforce will never take the row: bury the command.
        """
        row = row_key(command.row)
        for its in map(row_key, command.rows):
            self._flights.concluded(its, command)
        if word.said == Replaced(command.id):
            return  # it was read twice: what comes of the other one is told
        command = word.of(command)
        missing, failing = not self._map.of(row).there, bool(self._lots.failed(command.key))
        if failing and not self.holds_back(command.connection):
            self._seen_to(command)
        yield from self._ended(command, row, word)
        came, freed = missing and self._map.of(row).there, failing and not self._lots.failed(command.key)
        yield from self._let_go(command, row, came=came, freed=freed)

    def buried(self, command: Command) -> None:
        """Note that a command became a dead letter, behind which the rest of its client waits.

        It waits no longer itself: released once more, it would end twice.
        """
        row, lot = row_key(command.row), self._lots.lot(command.key) or Lot()
        self._map.unsure(row)
        waiting = self._lots.of(command.key, row)
        if waiting is not None and waiting.id == command.id:
            self._lots.drop(command.key, row)
        newer = waiting is not None and waiting.version > command.version
        carries = command.id == lot.portion.last  # or the rest would wait for ever where nothing holds back
        if (self.holds_back(command.connection) or carries) and not newer:
            lot.failed[row.hex()] = max(command.version, lot.failed.get(row.hex(), 0))
        lot.tries = 0
        self._lots.keep(command.key, lot)

    def _ended(self, command: Command, row: RowKey, word: Word) -> Outputs:
        match word.said:
            case Applied() as answer:
                yield from self._applied(command, row, answer)
            case Absent() as answer:
                yield from self._absent(command, row, answer)
            case Needless():
                yield from self._needless(command, row)
            case Stale() | Replaced() | TurnedAway() as said:
                self._map.passed_over(row, command)
                yield ends.never_sent(command, said)
            case Waived() | Yielded():
                yield from self._given_up(command, row)
            case Undecided() as answer:
                lot = self._lots.lot(command.key) or Lot()
                yield from self._park(command, row, lot, ends.parked(command, answer))
            case Behind() | HeldBack():
                yield from self._wait(command, row, None, self._lots.lot(command.key) or Lot())
            case ParentMissing() as answer:
                yield from self._misses(command, row, answer, sure=word.sure)
            case Rejected() as answer:
                raise ends.refused(answer)
            case never:
                assert_never(never)

    def _there(self, command: Command, row: RowKey, delivered: Delivered) -> Outputs:
        """Note what Salesforce holds of the row; nothing older of it waits any longer, or has failed."""
        self._map.put(row, delivered)
        self._seen_to(command, row)
        waiting, lot = self._lots.of(command.key, row), self._lots.lot(command.key)
        if waiting is None or lot is None:
            return
        if waiting.id != command.id and waiting.version >= command.version:
            return
        self._lots.drop(command.key, row)
        lot.tries = 0
        self._lots.keep(command.key, lot)
        if waiting.id != command.id:
            yield self._overtaken(command, row, waiting)

    def _seen_to(self, command: Command, row: RowKey | None = None) -> None:
        """Let nothing wait any more behind what failed of a row up to this version, or behind any row."""
        lot = self._lots.lot(command.key)
        if lot is None or not lot.failed:
            return
        if row is None:
            lot.failed.clear()
        elif lot.failed.get(row.hex(), command.version + 1) <= command.version:
            del lot.failed[row.hex()]
        self._lots.keep(command.key, lot)

    def _applied(self, command: Command, row: RowKey, answer: Applied) -> Outputs:
        """Note that Salesforce took the row, and whether it was another record before."""
        another = self._map.was_another(row, answer.salesforce_id)
        if is_parent(command) and another:
            self._map.doubt(command)
        if command.members and (another or command.nonce or not self._map.of(row).there):
            yield from ends.made(command)
        self._map.met(row, command)
        yield from self._there(command, row, Delivered(answer.salesforce_id, command.version, short(command)))
        yield ends.applied(command, answer)

    def _absent(self, command: Command, row: RowKey, answer: Absent) -> Outputs:
        """Note that there is no such row; while the one that it belongs to waits, nobody can tell yet.

        Unless that one waits behind this one.
        """
        lot = self._lots.lot(command.key)
        if command.seeks:
            yield from self._park(command, row, lot or Lot(), ends.parked(command, ends.NO_ACCOUNT))
            if not command.nonce:  # who asks because that Account was sent again asks no further
                yield ends.demanded(command)
            return
        failed = lot is not None and row.hex() in lot.failed
        if lot is not None and not failed and any(self._lots.of(command.key, it) for it in parents(command)):
            yield from self._wait(command, row, None, lot)
            return
        self._map.met(row, command)
        sought = max(self._map.of(row).sought, moment(command))
        nothing = Delivered(SalesforceId(""), command.version, short(command), sought)
        yield from self._there(command, row, nothing)
        yield ends.absent(command, answer)

    def _given_up(self, command: Command, row: RowKey) -> Outputs:
        """Note that nothing comes of a failed row any more, or of the rows of an invoice that went away.

        Whose those are now writes them last, once: all that was sent of them has its end by now, so nothing
        of this client can land after that.
        """
        if command.waived:
            self._seen_to(command, row)
            yield ends.waived(command)
            return
        known, gone = self._map.of(row), Delivered(SalesforceId(""), command.version, short(command))
        marked = gone._replace(sought=int(command.id[:16], 16))  # asked again, it tells the same
        for its in map(row_key, command.rows):
            yield from self._there(command, its, marked if its == row else gone)
        yield ends.yielded(command)
        if known == marked or known.content != gone.content:
            yield ends.handed_over(command)

    def _needless(self, command: Command, row: RowKey) -> Outputs:
        """Note that the row is as it should be; should it have been lost in between, go round once more."""
        known = self._map.of(row)
        if not self._map.holds(row, command):
            yield command
            return
        yield from self._there(command, row, known._replace(version=command.version))
        yield ends.unchanged(command, known.salesforce_id)

    def _misses(self, command: Command, row: RowKey, answer: ParentMissing, *, sure: bool) -> Outputs:
        """Let `command` wait for its Account; ask for the Account when Salesforce has lost it."""
        lot = self._lots.lot(command.key) or Lot()
        accounts = [*parents(command)]
        there = [it for it in accounts if self._map.of(it).there]
        if there and not sure:
            yield command  # the Account came in between
            return
        if lot.released_by and there:
            lot.tries += 1
        if not accounts or lot.tries > TRIES:
            raise ends.hopeless(answer)
        for account in there:
            self._map.lose(account)
            self._map.doubt(command)
        yield from self._wait(command, row, answer, lot)

    def _wait(self, command: Command, row: RowKey, answer: ParentMissing | None, lot: Lot) -> Outputs:
        """Keep `command` until its Account is there and no earlier row of the client is failed.

        Unless both came to be while it was under way.
        """
        if answer is None and lot.failed and row.hex() not in lot.failed:
            yield from self._park(command, row, lot, ends.behind_failed(command))
        elif answer is None and all(self._map.of(it).there for it in parents(command)):
            yield command
        else:
            yield from self._park(command, row, lot, ends.parked(command, answer))

    def _park(self, command: Command, row: RowKey, lot: Lot, said: AuditEntry) -> Outputs:
        """Keep `command`; of each row only the newest is kept. If it failed before, it just waits by now."""
        older = self._lots.of(command.key, row)
        if older is not None and older.id != command.id:
            command = command.after(older.command().fields)
        lot.released_by = ""
        lot.failed.pop(row.hex(), None)
        self._lots.put(command.key, row, command, lot)
        self._lots.keep(command.key, lot)
        if older is not None and older.id != command.id:
            yield self._overtaken(command, row, older)
        yield said

    def _overtaken(self, command: Command, row: RowKey, older: Waiting) -> AuditEntry:
        """Return the end of what waited for a row until `command` took its place: one look is for both."""
        self._map.passed_over(row, older.command())
        return ends.overtaken(command, older)

    def _let_go(self, command: Command, row: RowKey, *, came: bool, freed: bool) -> Outputs:
        """Release what waits for this Account, or no longer behind a failed row, if nothing else is failed.

        An Order that is looked for before its Opportunity landed would wait again, hence parents go first;
        and thousands go portion by portion. Ask for all that was lost with it. A repeat says the same.
        """
        lot = self._lots.lot(command.key)
        if (lot is not None or is_parent(command)) and self._map.doubted_by(command):
            yield ends.seen_again(command, lot.tries if lot else 0)
        if lot is None or lot.failed:
            return
        since = self._turn(command, lot, row, came=came, freed=freed)
        if since is None:
            if not lot.released_by:
                yield from self._let_children_go(command, row)
            return
        going = self._lots.next(command.key, lot, since, PORTION, but=command.id)
        upto, last = (going[-1].turn, going[-1].id) if len(going) == PORTION else (since, "")
        lot.released_by, lot.portion = command.id, Portion(command.id, since, upto, last)
        self._lots.keep(command.key, lot)
        for goes in (it.command() for it in going):
            yield ends.released(goes, command)
            yield goes

    def _let_children_go(self, command: Command, row: RowKey) -> Outputs:
        """Release the Order and the link that wait for this Opportunity, whenever it is told to be there."""
        if command.sobject is not SObject.OPPORTUNITY or not self._map.of(row).there:
            return
        for child in sorted(OPTIONAL):
            its = row_key(f"{command.key}:{child.value}:{command.external_id}")
            if (waiting := self._lots.of(command.key, its)) is not None:
                yield ends.released(waiting.command(), command)
                yield waiting.command()

    def _turn(self, command: Command, lot: Lot, row: RowKey, *, came: bool, freed: bool) -> Turn | None:
        """Return after whose turn the next of what waits may go; None when `command` lets nothing go."""
        arrived = is_parent(command) and (came or (not lot.released_by and self._map.of(row).there))
        if freed or arrived:
            return FIRST
        if command.id == lot.portion.last:
            return lot.portion.upto
        return lot.portion.after if command.id in {lot.portion.by, lot.released_by} else None
