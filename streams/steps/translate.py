"""Turn a FreshBooks record into what Salesforce should become."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import FOUND, Command, SObject
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.identity import CommandId, ConnectionName, Nonce, ObjectKind, digest
from streams.domain.made import made
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import Folded, News, fold
from streams.ledger.head import Head
from streams.mapping.row import Row, content
from streams.mapping.rows import contact, left, own, sales, shared, yielded
from streams.mapping.rules import Rules
from streams.mapping.unsold import unsold
from streams.ports import Settings, State
from streams.steps.rest import Rest
from streams.steps.shares import shares

_SEVERAL: Final = ""
"""Stands for the version of rules that changed while the worker ran."""


@dataclass(slots=True)
class Translate:
    """records → commands, parents first. Strictly older news ends here, and is said to."""

    ledger: State
    settings: Settings
    rest: Rest | None = None
    """Which clients are at rest, where deliver runs beside it."""
    _rules: dict[ConnectionName, tuple[Connection, Rules]] = field(default_factory=dict)
    _began_with: dict[ConnectionName, str] = field(default_factory=dict)
    """The version of the rules that was met first; `_SEVERAL` once there was another."""

    def __call__(self, record: Record) -> Iterator[Command | Record | AuditEntry]:
        """Yield the commands that `record` calls for, what others must hear of it, then what was decided.

        Raises:
            Misconfigured: the connection is not set up, or its mapping fails for this record; retry the
                dead letter once that is mended.
        """
        if self.rest is not None:
            self.rest.stirred(record.key)
        rules = self._rules_of(record.connection)
        books = Books.opened(self.ledger, record.key)
        folded = fold(books, record, lines=rules.mapping.lines)
        rows = _rows(rules, record, books, folded)
        commands = [_command(record, row, books.head, rules, _demand(record, row)) for row in rows]
        others = [*shares(record, books, folded)]
        if folded.changed or others:
            books.save()
        yield from commands
        yield from others
        why = _unsold(rules, record, books, folded, commands)
        yield _said(record, folded, commands, rules, tuple(it.id for it in others), why)

    def rests(self, key: bytes) -> bool:
        """Tell whether a record that was handled before can have nothing to say, since its client is at rest.

        Not under rules that came while this worker ran: what was derived by those before may be on its way,
        under the same version as today's.

        Raises:
            Permanent: its rows cannot be derived now.
        """
        client = key.decode()
        name = ConnectionName(client.partition(":")[0])
        rules = self._rules_of(name)
        if self.rest is None or rules.version != self._began_with[name]:
            return False
        return self.rest.known(client, rules) or self.rest.look(
            client, rules, Books.opened(self.ledger, client)
        )

    def _rules_of(self, name: ConnectionName) -> Rules:
        try:
            connection = self.settings[name]
        except KeyError:
            message = f"there is no connection {name}"
            raise Misconfigured(message, mend="set it up again, or discard its messages") from None
        known = self._rules.get(name)
        if known is None or known[0] is not connection:
            known = self._rules[name] = (connection, Rules.of(connection))
            if self._began_with.setdefault(name, known[1].version) != known[1].version:
                self._began_with[name] = _SEVERAL
        return known[1]


def _rows(rules: Rules, record: Record, books: Books, folded: Folded) -> Iterator[Row]:
    """Yield the rows that `folded` concerns, parents first: of old news none but what a day has changed."""
    client, page = record.client, books.client
    wanted = record.whole or folded.moved or folded.news is not News.OLD
    if not (wanted or folded.aged):
        return
    yield from _accounts(rules, record, books, folded)
    if not wanted:
        return
    if (folded.client or folded.moved) and (person := contact(rules, client, page, books.head)):
        yield person
    naming = page.naming
    for invoice in folded.invoices:
        its = books.invoice(invoice)
        yield from yielded(rules, invoice, its) if folded.yielded else ()
        yield from sales(rules, client, page, naming, invoice, its)
    every = record.whole or (folded.client and rules.mapping.follows_client)
    if every or folded.moved or folded.renamed:
        yield from _others(rules, record, books, None if every else folded)


def _accounts(rules: Rules, record: Record, books: Books, folded: Folded) -> Iterator[Row]:
    """Yield the Account of the client; of one that shares another's that one, and the one that it leaves.

    That one is told again on demand: somebody may have written into it.
    """
    client, page = record.client, books.client
    if not page.home:
        if row := own(rules, client, books):
            yield row
        return
    if folded.moved or (record.nonce and folded.client):
        yield left(rules, client, page)
    yield shared(rules, page)


def _others(rules: Rules, record: Record, books: Books, renamed: Folded | None) -> Iterator[Row]:
    """Yield the rows of the client's invoices: those that look different by its new name, or all of them.

    Under another Account that is every one but what is found by its Opportunity.
    """
    client, who = record.client, books.client
    for invoice in sorted(books.invoices()):
        page = books.invoice(invoice)
        now = sales(rules, client, who, who.naming, invoice, page)
        if renamed is None:
            yield from now
            continue
        before = {row.sobject: row for row in sales(rules, client, who, renamed.renamed_from, invoice, page)}
        moved = renamed.moved
        yield from (
            row for row in now if (moved and row.sobject not in FOUND) or row != before.get(row.sobject)
        )


def _demand(record: Record, row: Row) -> Nonce:
    """Return the demand that the row be sent whatever is there.

    Rows of invoices are demanded by records of their own, or all of the client: one that came after the
    demand would be sent for it whenever the client's record is read again. Nor does an invoice's record
    demand the client's Account, which shows the same whoever wrote the Opportunity last.
    """
    of_client = row.sobject in {SObject.ACCOUNT, SObject.CONTACT}
    its = record.whole or of_client == (record.object is ObjectKind.CLIENT)
    return record.nonce if its else ""


def _command(record: Record, row: Row, head: Head, rules: Rules, nonce: Nonce) -> Command:
    """Return the command for `row`."""
    hashed, mapping, revision = content(row, rules.terms.treat), rules.version, head.revision
    named = f"{record.id} {row.sobject} {row.external_id} {revision} {hashed} {mapping}"
    if nonce:
        named = f"{named} {nonce}"
    return made(
        Command,
        id=CommandId(digest("command", named)),
        connection=record.connection,
        client=record.client,
        sobject=row.sobject,
        external_id_field=row.external_id_field,
        external_id=row.external_id,
        version=revision,
        content=hashed,
        mapping=mapping,
        cause=record.id,
        read_at=record.read_at,
        fields=row.fields,
        defaults=row.defaults,
        members=tuple(head.members) if head.members and row.sobject is SObject.ACCOUNT else (),
        nonce=nonce,
    )


def _unsold(rules: Rules, record: Record, books: Books, folded: Folded, commands: list[Command]) -> str:
    """Return by what rule the invoice that `record` brings has no Opportunity; empty of all else."""
    sold = any(it.sobject is SObject.OPPORTUNITY for it in commands)
    if record.object is not ObjectKind.INVOICE or folded.news is News.OLD or sold:
        return ""
    number = record.object_id
    return unsold(rules, record.client, books.client, number, books.invoice(number))


def _said(  # noqa: PLR0913, PLR0917 - all that an entry tells of
    record: Record,
    folded: Folded,
    commands: list[Command],
    rules: Rules,
    others: tuple[str, ...],
    unsold_by: str,
) -> AuditEntry:
    """Return what translate says of `record`: what followed, or why nothing did; of each demand anew."""
    verdict, rule = _verdict(folded, commands)
    cause = f"{record.id} {record.nonce}" if record.nonce else record.id
    return made(
        AuditEntry,
        id=audit_id(Step.TRANSLATE, verdict, cause),
        connection=record.connection,
        client=record.client,
        step=Step.TRANSLATE,
        verdict=verdict,
        cause=record.id,
        caused=(*(command.id for command in commands), *others),
        object=record.object,
        object_id=record.object_id,
        rule=rule,
        mapping=rules.version,
        details={"opportunity": unsold_by} if unsold_by else {},
    )


def _verdict(folded: Folded, commands: list[Command]) -> tuple[Verdict, str]:
    if folded.moved:
        return Verdict.TRANSLATED, "a person decided whose Account the client shares"
    if folded.news is News.OLD and not commands:
        return Verdict.SUPERSEDED, "the books hold a newer state of this object"
    if not commands:
        return Verdict.UNCHANGED, "no row in Salesforce shows this"
    if folded.aged:
        return Verdict.TRANSLATED, "a day has passed: something is overdue"
    return Verdict.TRANSLATED, ""
