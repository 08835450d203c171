"""The log against Salesforce, row by row."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.held import COMPARED, Held, Place
from app.reconcile.likeness import Likeness
from app.reconcile.told import Told, Word, object_of
from app.salesforce.found.orders import FINDING
from streams.domain.audit import Verdict
from streams.domain.command import Field, Items, Lookup, SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ObjectKind
from streams.mapping.flaws import MappingFailed
from streams.mapping.row import BY_OPPORTUNITY, ITEMS, Row, content
from streams.mapping.rows import every, left
from streams.mapping.rules import Rules
from streams.ports import State
from streams.steps.id_map import Delivered, IdMap, RowKey, row_key

_FOUND: Final = frozenset({SObject.LINES, SObject.ORDER})
"""Rows whose absence is an end, too."""
_SHORT: Final = 8
"""Bytes of a content hash that the id map keeps."""
_KINDS: Final = {
    SObject.ACCOUNT: ObjectKind.CLIENT,
    SObject.CONTACT: ObjectKind.CLIENT,
    SObject.OPPORTUNITY: ObjectKind.INVOICE,
    SObject.LINES: ObjectKind.INVOICE,
    SObject.ORDER: ObjectKind.INVOICE,
}

Sent = Mapping[tuple[RowKey, bytes], Mapping[str, Field]]
"""What commands that are still kept said of a row, by its key and the short hash of its content."""


@dataclass
class RowComparison:
    """Compares all rows of one connection."""

    connection: Connection
    told: Told
    held: Held
    id_map: State
    listed: Container[Named] = frozenset()
    """What FreshBooks lists as being there: that the log lacks it is said by another comparison."""
    sent: Sent = field(default_factory=dict)
    met: set[Place] = field(default_factory=set)
    """The rows that the books call for."""

    def __post_init__(self) -> None:
        self._rules = Rules.of(self.connection)
        self._known = IdMap(self.id_map)
        self._likeness = Likeness(self.connection, self.held)
        self._under_way = self.told.under_way
        self._buried = self.told.buried_of_clients()
        self._unmapped = self.told.buried_of_clients(MappingFailed.code)

    def all(self) -> Iterator[Difference | Explained]:
        """Yield what Salesforce holds otherwise than the log tells: clients' rows in order, then strays."""
        for client, key in sorted(self.told.clients.items()):
            rows, failed = self._rows(client)
            for row in rows:
                if row.sobject in COMPARED:
                    self.met.add((row.sobject, row.external_id))
                if row.sobject in _KINDS and self._is_held(row.sobject):
                    yield from self._row(key, row)
            if failed is not None:
                yield self._not_compared(client, failed)
        yield from self._strays()

    def wanted(self) -> set[tuple[RowKey, bytes]]:
        """Return what only commands can tell: rows that were delivered last as today nobody derives them."""
        found = set[tuple[RowKey, bytes]]()
        for client, key in self.told.clients.items():
            for row in self._rows(client)[0]:
                its = row_key(f"{key}:{row.sobject.value}:{row.external_id}")
                delivered = self._known.of(its)
                if delivered.there and delivered.content != _short(self._rules, row):
                    found.add((its, delivered.content))
        return found

    def _rows(self, client: ClientId) -> tuple[list[Row], MappingFailed | None]:
        """Return a client's rows, up to the one for which today's mapping has no result; and that failure."""
        books, rows = self.told.books(client), list[Row]()
        try:
            own = self._rules.terms.external_id(client)
            if books.client.home and (SObject.ACCOUNT, own) in self.held.rows:
                rows.append(left(self._rules, client, books.client))
            rows.extend(every(self._rules, client, books))
        except MappingFailed as failed:
            return rows, failed
        return rows, None

    def _is_held(self, sobject: SObject) -> bool:
        """Tell whether rows of a kind were read; Orders are not where the org has none."""
        return sobject is not SObject.ORDER or self.held.orders is not None

    def _not_compared(self, client: ClientId, failed: MappingFailed) -> Difference | Explained:
        """Return that a client's rows could not be compared: it is known as a dead letter, or it is not."""
        named, its = Named(ObjectKind.CLIENT, client), "its rows"
        if (buried := self._unmapped.get(client)) is not None:
            return Explained(Why.DEAD, buried, self.told.buried[buried], its)
        return Difference(Sort.NOT_COMPARED, named, f"{failed}; {failed.mend}", its)

    def _row(self, key: str, row: Row) -> Iterator[Difference | Explained]:
        named = object_of(row.external_id, _KINDS[row.sobject])
        if named is None:
            return
        name = f"{key}:{row.sobject.value}:{row.external_id}"
        delivered, word = self._known.of(row_key(name)), self.told.words.get(name)
        if word is not None and word.at >= self.held.began.timestamp() * 1000:
            return  # it was delivered while we looked
        explained = self._explained(key, named, row, delivered, word)
        if explained is not None:
            yield explained
        fields = self._last_sent(name, row, delivered)
        if fields is not None and (explained is None or explained.why is not Why.IN_FLIGHT):
            if row.sobject is SObject.ORDER:
                yield from self._order(named, row, fields, there=delivered.there)
            else:
                yield from self._difference(named, row, fields)

    def _explained(
        self, key: str, named: Named, row: Row, delivered: Delivered, word: Word | None
    ) -> Explained | None:
        """Return why Salesforce cannot have the row as the books want it; None when it should."""
        its = f"{row.sobject.value} {row.external_id}"
        settled = delivered.there or row.sobject in _FOUND
        if settled and delivered.content == _short(self._rules, row):
            return None
        if word is not None and word.verdict is Verdict.DEAD_LETTER:
            return Explained(Why.DEAD, named, word.says, its)
        if word is not None and word.verdict is Verdict.PARKED:
            return Explained(Why.PARKED, named, word.says, its)
        if key in self._under_way or named in self.told.unhandled:
            return Explained(Why.IN_FLIGHT, named, "its command is still on its way", its)
        buried = self._buried.get(ClientId(named.number)) if named.kind is ObjectKind.CLIENT else named
        if buried is not None and buried in self.told.buried:
            return Explained(Why.DEAD, buried, self.told.buried[buried], its)
        says = "today's mapping wants it otherwise than it was sent; see `freshforce replay preview`"
        return Explained(Why.OTHER_MAPPING, named, says, its)

    def _last_sent(self, name: str, row: Row, delivered: Delivered) -> Mapping[str, Field] | None:
        """Return the fields that Salesforce took last; None where nothing was taken or it is not known."""
        looked_for = row.sobject is SObject.ORDER and delivered.sought
        if not (delivered.there or looked_for):
            return None
        if delivered.content == _short(self._rules, row):
            return row.fields
        return self.sent.get((row_key(name), delivered.content))

    def _difference(self, named: Named, row: Row, fields: Mapping[str, Field]) -> Iterator[Difference]:
        its = f"{row.sobject.value} {row.external_id}"
        if row.sobject is SObject.LINES:
            yield from self._lines(named, row.external_id, fields)
            return
        here = self.held.rows.get((row.sobject, row.external_id))
        if here is None:
            if row.sobject is SObject.CONTACT and self._likeness.is_person(self._account(row)):
                return
            yield Difference(Sort.DRIFT, named, "Salesforce took it and has no such row", its)
        elif unlike := self._likeness.unlike(row.sobject, fields, here):
            says = f"{', '.join(unlike)}: not as sent"
            yield Difference(Sort.UNKNOWN_CHANGE, named, says, its, unlike)

    def _lines(self, named: Named, sale: str, fields: Mapping[str, Field]) -> Iterator[Difference]:
        """Yield that an Opportunity's products are not worth what its invoice's lines are."""
        here, wanted = self.held.rows.get((SObject.OPPORTUNITY, sale)), fields.get(ITEMS)
        if here is None or not isinstance(wanted, Items):
            return  # that it is not there is told of the Opportunity itself
        if unlike := self._likeness.unlike_lines(wanted, sale, here):
            says = "its products are not what the invoice sells"
            yield Difference(Sort.UNKNOWN_CHANGE, named, says, f"{SObject.LINES.value} {sale}", unlike)

    def _order(
        self, named: Named, row: Row, fields: Mapping[str, Field], *, there: bool
    ) -> Iterator[Difference]:
        """Yield that an Order does not show what it should: changed, gone, or made after it was looked for.

        One that is found by its PO number is nobody's Opportunity's: it is not looked at.
        """
        if (SObject.OPPORTUNITY, row.external_id) not in self.held.rows or self.held.orders is None:
            return  # that it is not there is told of the Opportunity itself
        its, here = f"{row.sobject.value} {row.external_id}", self.held.orders.get(row.external_id)
        if here is None:
            if there and row.external_id_field == BY_OPPORTUNITY:
                yield Difference(Sort.DRIFT, named, "Salesforce took it and has no such Order", its)
            return
        wanted = {name: it for name, it in fields.items() if name not in FINDING}
        if unlike := self._likeness.unlike(row.sobject, wanted, here):
            says = (
                f"{', '.join(unlike)}: not as sent" if there else "this Order was not there when looked for"
            )
            yield Difference(Sort.UNKNOWN_CHANGE, named, says, its, unlike)

    def _account(self, contact: Row) -> Mapping[str, object] | None:
        """Return the Account that a Contact hangs under, which may be another client's."""
        named = contact.fields.get(SObject.ACCOUNT.value)
        external_id = named.external_id if isinstance(named, Lookup) else contact.external_id
        return self.held.rows.get((SObject.ACCOUNT, external_id))

    def _strays(self) -> Iterator[Difference]:
        """Yield the rows that carry an id of ours of which neither FreshBooks nor the log knows anything."""
        for sobject, external_id in sorted(self.held.rows.keys() - self.met):
            named = object_of(external_id, _KINDS[sobject])
            if named is not None and named not in self.told.objects and named not in self.listed:
                says = "Salesforce has a row of it; neither FreshBooks nor the log has it"
                yield Difference(Sort.MISSED_DELETE, named, says, f"{sobject.value} {external_id}")


def _short(rules: Rules, row: Row) -> bytes:
    return bytes.fromhex(content(row, rules.terms.treat))[:_SHORT]
