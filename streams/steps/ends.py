"""What deliver says of a command: each command has one end, and a repeat says it under the same id."""

from collections.abc import Iterator
from typing import Final, assert_never

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import Command
from streams.domain.deadletter import retry
from streams.domain.errors import Refused
from streams.domain.event import Event, EventSource
from streams.domain.identity import AuditId, EventId, ObjectKind, SalesforceId, demanded_at, digest
from streams.domain.result import Outcome, Result
from streams.ports import Absent, Applied, ParentMissing, Rejected, Replaced, TurnedAway, Undecided
from streams.steps.flights import Stale
from streams.steps.id_map import is_parent

NO_ACCOUNT: Final = ParentMissing("shared-account-missing")
"""Why the rows of a client wait that shares another one's Account."""
UNDECIDED: Final = "account-undecided"
"""Code of what waits for `freshforce match`."""
BEHIND_FAILED: Final = "behind-failed"
"""Code of what waits behind a dead letter of its client."""
DELETED: Final = "deleted-each-time"
"""Code of an Opportunity that something in the org deletes."""
NONE_THERE: Final = "nothing has changed since it was last looked for, and Salesforce had no such row then"
HELD: Final = "Salesforce already holds this content"
DISCARDED: Final = "a person discarded it"
"""Why a command ended without being sent."""

_SAYS = {
    Outcome.APPLIED: Verdict.APPLIED,
    Outcome.UNCHANGED: Verdict.UNCHANGED,
    Outcome.SUPERSEDED: Verdict.SUPERSEDED,
    Outcome.PARKED: Verdict.PARKED,
}


def end_id(command: str) -> AuditId:
    """Return the id of the end of a command.

    It is the same for every end: after a crash a command that was applied is found unchanged, or
    superseded by a later one. Whoever drops repeats by id keeps the end that was told first.
    """
    return AuditId(digest("audit", Step.DELIVER.value, "end", command))


def applied(command: Command, answer: Applied) -> AuditEntry:
    """Return the end of a command that Salesforce took."""
    its_id, created, notes = answer.salesforce_id, answer.created, answer.notes
    return _said(command, Outcome.APPLIED, salesforce_id=its_id, created=created, notes=notes)


def unchanged(command: Command, salesforce_id: SalesforceId) -> AuditEntry:
    """Return the end of a command whose content Salesforce already has."""
    rule = HELD if salesforce_id else NONE_THERE
    return _said(command, Outcome.UNCHANGED, rule, salesforce_id=salesforce_id or None)


def absent(command: Command, answer: Absent) -> AuditEntry:
    """Return the end of a command for a row that is not there and that is not ours to make."""
    return _said(command, Outcome.UNCHANGED, answer.why, code=answer.code)


def superseded(command: Command, rule: str) -> AuditEntry:
    """Return the end of a command that something newer made needless."""
    return _said(command, Outcome.SUPERSEDED, rule)


def overtaken(waiting: Command) -> AuditEntry:
    """Return the end of what waited for a row until a newer state took its place."""
    return superseded(waiting, "something newer of this row came while it waited")


def never_sent(command: Command, said: Stale | Replaced | TurnedAway) -> AuditEntry:
    """Return the end of a command that something made needless before it was sent."""
    match said:
        case Stale():
            return superseded(command, "something newer of this row was written, is on its way or waits")
        case Replaced():
            return superseded(command, "something newer of this row took its place while it waited")
        case TurnedAway():
            return turned_away(command)
        case never:
            assert_never(never)


def turned_away(command: Command) -> AuditEntry:
    """Return the end of a command whose connection was removed before it was sent."""
    return superseded(command, "the connection was removed")


def parked(command: Command, answer: ParentMissing | Undecided | None) -> AuditEntry:
    """Return the word that a command waits: for a person, for its parent, or behind another that does."""
    if answer is None:
        return _said(command, Outcome.PARKED, "an earlier row of the client waits for the Account")
    if isinstance(answer, Undecided):
        rule = f"a person must say which Account the client is: {answer.reason}"
        return _said(command, Outcome.PARKED, rule, code=UNDECIDED)
    rule = "Salesforce does not have the row that this one refers to"
    return _said(command, Outcome.PARKED, rule, code=answer.code, fields=answer.fields)


def behind_failed(command: Command) -> AuditEntry:
    """Return the word that a command waits behind a row that failed."""
    rule = "an earlier row of the client failed: retry, edit or discard that one"
    return _said(command, Outcome.PARKED, rule, code=BEHIND_FAILED)


def yielded(command: Command) -> AuditEntry:
    """Return the end of a command that says that its invoice went to another client."""
    return superseded(command, "the invoice went to another client, whose books say what becomes of the row")


def waived(command: Command) -> AuditEntry:
    """Return the end of a command that a person discarded.

    Its id is its own: should somebody have the command tried again, what comes of that is told as well.
    """
    said = superseded(command, DISCARDED)
    return said.model_copy(update={"id": audit_id(Step.DELIVER, Verdict.DISCARDED, command.id)})


def released(command: Command, by: Command) -> AuditEntry:
    """Return the word that a command that waited goes on its way again, and why."""
    return AuditEntry(
        id=audit_id(Step.DELIVER, Verdict.RELEASED, f"{command.id} {by.id}"),
        connection=command.connection,
        client=command.client,
        step=Step.DELIVER,
        verdict=Verdict.RELEASED,
        cause=command.id,
        caused=(command.id,),
        rule=_freed(by),
        mapping=command.mapping,
    )


def refused(answer: Rejected) -> Refused:
    """Return the error that buries a command which Salesforce will never take."""
    named = "" if all(name in answer.reason for name in answer.fields) else _named(answer.fields)
    return Refused(f"{answer.reason}{named}", mend=answer.mend, code=answer.code)


def hopeless(answer: ParentMissing) -> Refused:
    """Return the error that buries a command whose parent Salesforce does not see, though it took it."""
    reason = f"Salesforce does not see the row that this one refers to{_named(answer.fields)}"
    mend = f"let the integration user see all Accounts, then {retry(answer.code)}"
    return Refused(reason, mend=mend, code=answer.code)


def deleted_each_time() -> Refused:
    """Return the error that buries the command of an Opportunity that the org deletes whenever it is made."""
    reason = "the Opportunity was made anew several times in a row, and was gone again each time"
    mend = f"find what deletes it in the org (a flow, a trigger, a deduplication), then {retry(DELETED)}"
    return Refused(reason, mend=mend, code=DELETED)


def seen_again(command: Command, tries: int) -> Event:
    """Return the event that has the client read, and so its lost Account sent, once more."""
    return Event(
        id=EventId(digest("event", "account lost", command.id, str(tries))),
        connection=command.connection,
        object=ObjectKind.CLIENT,
        object_id=command.client,
        action="seen",
        source=EventSource.DELIVER,
        received_at=command.read_at,
    )


def demanded(command: Command) -> Event:
    """Return the event that has the Account of another client sent, which this one shares."""
    return _account_again(command, _number(command), demanded_at(command.read_at))


def handed_over(command: Command) -> Event:
    """Return the event that has an invoice read once more, so that its present client writes last."""
    return _invoice_again(command, "row handed over")


def made_anew(command: Command) -> Event:
    """Return the event that has an invoice read once more, and what hung on its former Opportunity sent."""
    return _invoice_again(command, "opportunity made anew")


def made(command: Command) -> Iterator[Event]:
    """Yield the events that have the clients read which share this Account: it was made, or asked for."""
    for member in command.members:
        yield _account_again(command, member, command.nonce or demanded_at(command.read_at))


def _account_again(command: Command, client: int, nonce: str) -> Event:
    named = digest("event", "shared account", command.id, str(client))
    return _shared(command, named, (ObjectKind.CLIENT, client), nonce)


def _invoice_again(command: Command, why: str) -> Event:
    """Return the event that has all rows of an invoice sent, whatever was sent before."""
    its = ObjectKind.INVOICE, _number(command)
    return _shared(command, digest("event", why, command.id), its, demanded_at(command.read_at))


def _shared(command: Command, named: str, its: tuple[ObjectKind, int], nonce: str) -> Event:
    kind, number = its
    return Event(
        id=EventId(named),
        connection=command.connection,
        object=kind,
        object_id=number,
        action="seen",
        source=EventSource.SHARED,
        received_at=command.read_at,
        nonce=nonce,
    )


def _number(command: Command) -> int:
    """Return FreshBooks' number of what a row shows."""
    return int(command.external_id.rpartition(":")[2])


def _freed(by: Command) -> str:
    """Say what the command has changed that lets go of what waits."""
    if by.waived:
        return "a person discarded the failed row before it"
    return "the Account is there" if is_parent(by) else "the failed row before it is seen to"


def _waits_id(command: Command, code: str) -> AuditId:
    """Return the id of the word that a command waits: for another reason, or retried, it is another word."""
    return audit_id(Step.DELIVER, Verdict.PARKED, " ".join(filter(None, (command.id, code, command.nonce))))


def _named(fields: tuple[str, ...]) -> str:
    return f" ({', '.join(fields)})" if fields else ""


def _said(  # noqa: PLR0913  # one entry, all its parts
    command: Command,
    outcome: Outcome,
    rule: str = "",
    *,
    salesforce_id: SalesforceId | None = None,
    created: bool | None = None,
    code: str = "",
    fields: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> AuditEntry:
    verdict = _SAYS[outcome]
    return AuditEntry(
        id=_waits_id(command, code) if outcome is Outcome.PARKED else end_id(command.id),
        connection=command.connection,
        client=command.client,
        step=Step.DELIVER,
        verdict=verdict,
        cause=command.id,
        rule=rule,
        mapping=command.mapping,
        result=Result(
            command=command.id,
            outcome=outcome,
            sobject=command.sobject,
            external_id=command.external_id,
            version=command.version,
            salesforce_id=salesforce_id,
            created=created,
            code=code,
            fields=fields,
        ),
        details={"notes": [*notes]} if notes else {},
    )
