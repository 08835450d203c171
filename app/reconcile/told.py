"""What the log tells of a connection: its objects, its clients' books, and the last word on each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.reconcile.difference import Named
from app.reconcile.money import NO_MONEY, Money, of_totals
from app.reconcile.seen import Seen, changed_part, seen
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.event import Event
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import fold
from streams.ledger.head import Head

_WORDS: Final = {Verdict.APPLIED, Verdict.UNCHANGED, Verdict.PARKED, Verdict.DEAD_LETTER}
"""What is a word on a row. That a command was superseded says nothing of it: another one's word counts."""
_ENDS: Final = {*_WORDS, Verdict.SUPERSEDED} - {Verdict.PARKED}
_ACCEPTED: Final = {Verdict.APPLIED, Verdict.UNCHANGED}


class Word(NamedTuple):
    """The last that deliver said of a row."""

    verdict: Verdict
    version: int
    says: str
    at: int
    """Kafka's time of it, in milliseconds."""

    @property
    def accepted(self) -> bool:
        """Tell whether Salesforce has the row as it was sent, by its own word."""
        return self.verdict in _ACCEPTED


@dataclass(slots=True)
class Told:
    """Takes what the log holds of one connection, then answers. Partitions may come one after the other."""

    objects: dict[Named, Seen] = field(default_factory=dict)
    """The newest of each, also of what is gone."""
    clients: dict[ClientId, str] = field(default_factory=dict)
    """Keys of the clients that have books."""
    words: dict[str, Word] = field(default_factory=dict)
    """By the name of the row."""
    accepted: dict[str, int] = field(default_factory=dict)
    """By the name of the row: the version that Salesforce acknowledged last; of what is not there, none."""
    ledger: dict[bytes, bytes] = field(default_factory=dict)
    buried: dict[Named, str] = field(default_factory=dict)
    """What no step before deliver could handle, and the code of why."""
    lines: bool = False
    """Whether the lines of invoices are kept, too: the mapping asks for them."""
    _versions: dict[Named, str] = field(default_factory=dict)
    _open: dict[str, Named] = field(default_factory=dict)
    """Events and records of which no step has spoken yet."""
    _shares: set[str] = field(default_factory=set)
    """Records of what joined clients add to another one's Account: no object of FreshBooks' is in them."""
    _commands: dict[str, str] = field(default_factory=dict)
    """Commands that were caused, and whose client's."""
    _ended: set[str] = field(default_factory=set)

    def event(self, event: Event) -> None:
        """Take an event."""
        self._open[event.id] = Named(event.object, event.object_id)

    def record(self, record: Record) -> Books:
        """Take the next record; return its client's books as they are then."""
        named = Named(record.object, record.object_id)
        self._open[record.id] = named
        self.clients[record.client] = record.key
        if isinstance(record.snapshot, Share):
            self._shares.add(record.id)
        elif not record.moved_away:
            found = seen(record.snapshot, changed_part(record.version), record.read_at, record.client)
            if record.version >= self._versions.get(named, ""):
                self.objects[named], self._versions[named] = found, record.version
        books = Books.opened(self.ledger, record.key)
        if fold(books, record, lines=self.lines).changed:
            books.save()
        return books

    def entry(self, entry: AuditEntry, at: int) -> None:
        """Take the next audit entry, written at `at` (milliseconds)."""
        match entry.step:
            case Step.FETCH | Step.TRANSLATE:
                self._handled(entry)
            case Step.DELIVER:
                self._delivered(entry, at)
            case _:
                pass

    def books(self, client: ClientId) -> Books:
        """Return a client's books."""
        return Books.opened(self.ledger, self.clients[client])

    def money(self, client: ClientId) -> Money:
        """Return what a client's books come to, those of others who share its Account not among it."""
        return money_of(self.books(client).head) if client in self.clients else NO_MONEY

    def day(self, client: ClientId) -> str:
        """Return the day (ISO) up to which a client's books were aged; empty where it has none."""
        return self.books(client).head.day if client in self.clients else ""

    def home(self, client: ClientId) -> ClientId:
        """Return whose Account shows the client's sums: its own, unless it shares another one's."""
        return ClientId((self.books(client).client.home if client in self.clients else 0) or client)

    def buried_of_clients(self, code: str = "") -> dict[ClientId, Named]:
        """Return by client the first of its objects that no step before deliver could handle (for `code`)."""
        found: dict[ClientId, Named] = {}
        for named in sorted(it for it, why in self.buried.items() if code in {"", why}):
            known = self.objects.get(named)
            whose = named.number if named.kind is ObjectKind.CLIENT else known.client if known else 0
            found.setdefault(ClientId(whose), named)
        return found

    @property
    def unhandled(self) -> Mapping[Named, str]:
        """The objects of which something stands in the log that no step has spoken of, and what."""
        return dict.fromkeys(self._open.values(), "its event or record is still on its way")

    @property
    def under_way(self) -> set[str]:
        """The keys of clients of whom a command is still on its way."""
        return {key for command, key in self._commands.items() if command not in self._ended}

    def _handled(self, entry: AuditEntry) -> None:
        self._open.pop(entry.cause, None)
        named = Named(entry.object, entry.object_id) if entry.object and entry.object_id else None
        if named and entry.verdict is Verdict.DEAD_LETTER:
            self.buried[named] = entry.rule
        elif named:
            self.buried.pop(named, None)
        if entry.step is Step.TRANSLATE and entry.verdict is Verdict.TRANSLATED:
            self._commands.update((it, entry.key) for it in entry.caused if it not in self._shares)

    def _delivered(self, entry: AuditEntry, at: int) -> None:
        if entry.verdict in _ENDS:
            self._ended.add(entry.cause)
        if entry.result is None or entry.verdict not in _WORDS:
            return
        its = entry.result
        row = f"{entry.key}:{its.sobject.value}:{its.external_id}"
        says = ", ".join(filter(None, (its.code, entry.rule if entry.rule != its.code else "")))
        self.words[row] = Word(entry.verdict, its.version, says, at)
        if entry.verdict in _ACCEPTED and its.salesforce_id is not None:
            self.accepted[row] = max(its.version, self.accepted.get(row, its.version))


def money_of(head: Head) -> Money:
    """Return what a head of books sums up."""
    return of_totals(head.outstanding, head.paid, head.overdue)


def object_of(external_id: str, kind: ObjectKind) -> Named | None:
    """Return the object that an external id of ours names; None for one that is not made by us."""
    number = external_id.rpartition(":")[2]
    return Named(kind, int(number)) if number.isascii() and number.isdigit() and int(number) else None
