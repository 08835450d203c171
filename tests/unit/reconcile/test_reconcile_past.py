"""As of a past moment the log alone tells: what the books came to, and what Salesforce acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

from app.reconcile import past
from app.reconcile.difference import Named, Sort, Why
from app.reconcile.report import Report, Side
from app.reconcile.told import Told
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command, SObject
from streams.domain.identity import ObjectKind, SalesforceId
from streams.domain.record import Record
from streams.ports import Absent, Applied, ParentMissing
from streams.steps import ends
from streams.steps.translate import Translate
from tests.builders.itemised import a_line, itemising, with_lines
from tests.builders.joins import a_joined_client
from tests.builders.records import ACME, MORNING, SETTINGS, a_client, a_record, an_invoice

HISTORY = (
    a_record(a_client()),
    a_record(an_invoice(), at=1),
    a_record(an_invoice(paid="40.00"), at=2),
)

NINES = an_invoice(39, client=9, amount="50.00")


def worked(records: Sequence[Record], answered: int, *, dropped: bool = False) -> Told:
    """A log in which the first `answered` records went through; the others are open, or `dropped`."""
    told, step = Told(), Translate({}, SETTINGS)
    for nth, record in enumerate(records):
        told.record(record)
        for it in [*step(record)]:
            if isinstance(it, AuditEntry):
                told.entry(it, 0)
            elif not isinstance(it, Command):
                told.record(it)
            elif nth < answered:
                told.entry(ends.applied(it, Applied(SalesforceId("001A"), created=False)), 0)
            elif dropped:
                told.entry(ends.superseded(it, "by nothing that anybody knows"), 0)
    return told


def reported(told: Told, records: Sequence[Record] = HISTORY) -> Report:
    async def again() -> AsyncIterator[Record]:
        for record in records:
            yield record

    return past.report(ACME, MORNING, told, asyncio.run(past.acknowledged(told, again())))


def test_when_all_was_acknowledged_both_sides_have_the_same_money() -> None:
    found = reported(worked(HISTORY, answered=3))

    assert (found.differences, found.explained) == ([], [])
    (client,) = found.clients
    assert client.agrees
    assert client.sides[Side.SALESFORCE]["CAD"].outstanding == Decimal("60.00")
    assert found.counts["invoices"] == {Side.LOG: 1, Side.SALESFORCE: 1}
    assert Side.FRESHBOOKS not in found.sides


def test_what_was_on_its_way_is_explained_and_its_money_is_that_of_the_last_answer() -> None:
    found = reported(worked(HISTORY, answered=2))

    assert found.differences == []
    assert [(it.why, it.named) for it in found.explained] == [(Why.IN_FLIGHT, Named(ObjectKind.CLIENT, 7))]
    (client,) = found.clients
    assert client.sides[Side.LOG]["CAD"].outstanding == Decimal("60.00")
    assert client.sides[Side.SALESFORCE]["CAD"].outstanding == Decimal("100.00")


def test_a_row_that_waits_or_was_buried_is_explained_and_not_a_difference() -> None:
    told = worked(HISTORY[:1], answered=1)
    waits = _the_sale()
    told.entry(ends.parked(waits, ParentMissing("INVALID_CROSS_REFERENCE_KEY", ())), 0)
    told.entry(_buried(a_contact := _the_contact()), 0)

    found = reported(told, HISTORY[:1])

    assert [(it.why, it.row) for it in found.explained] == [
        (Why.DEAD, f"Contact {a_contact.external_id}"),
        (Why.PARKED, "Opportunity p7rQW5:31"),
    ]
    assert found.differences == []


def test_sums_that_were_never_acknowledged_though_all_was_answered_are_drift() -> None:
    found = reported(worked(HISTORY, answered=2, dropped=True))

    assert [(it.sort, it.named) for it in found.differences] == [(Sort.DRIFT, Named(ObjectKind.CLIENT, 7))]


TOGETHER = (
    *(a_record(a_client(7)), a_record(an_invoice(31)), a_record(a_client(9)), a_record(NINES)),
    a_joined_client(9, 7),
)


def test_clients_that_share_an_account_are_one_and_the_shared_row_is_no_account_of_their_own() -> None:
    found = reported(worked(TOGETHER, answered=5), TOGETHER)

    assert [it.client for it in found.clients] == [7]
    assert found.differences == []
    split = (*TOGETHER, a_joined_client(9, None, at=2), a_record(an_invoice(40, client=9), at=3))
    again = reported(worked(split, answered=7), split)
    assert again.differences == []
    assert [(it.client, it.agrees) for it in again.clients] == [(7, True), (9, True)]


def test_an_account_that_was_left_shows_nothing_until_its_client_is_told_to_have_it_again() -> None:
    split = (*TOGETHER, a_joined_client(9, None, at=2))

    found = reported(worked(split, answered=5), split)

    assert found.differences == []
    nine = found.clients[1]
    assert nine.sides[Side.SALESFORCE] == {}
    assert nine.sides[Side.LOG]["CAD"].outstanding == Decimal("50.00")


def test_a_row_that_was_looked_for_and_is_not_there_is_not_counted() -> None:
    told = worked(TOGETHER[:2], answered=2)
    (left, *_) = [it for it in Translate({}, SETTINGS)(a_joined_client(9, 7)) if isinstance(it, Command)]
    told.entry(ends.absent(left, Absent("there is none")), 0)

    assert reported(told, TOGETHER[:2]).counts["clients"][Side.SALESFORCE] == 1


def _commands() -> list[Command]:
    step = Translate({}, SETTINGS)
    return [it for record in HISTORY for it in step(record) if isinstance(it, Command)]


def _the_sale() -> Command:
    return next(it for it in _commands() if it.sobject is SObject.OPPORTUNITY)


def _the_contact() -> Command:
    return next(it for it in _commands() if it.sobject is SObject.CONTACT)


def _buried(command: Command) -> AuditEntry:
    applied = ends.applied(command, Applied(SalesforceId("001A"), created=False))
    assert applied.result is not None
    result = applied.result.model_copy(update={"outcome": "dead-letter", "code": "INVALID_EMAIL"})
    told = {"verdict": Verdict.DEAD_LETTER, "rule": "INVALID_EMAIL", "result": result}
    return applied.model_copy(update=told)


def test_lines_that_wait_are_told_of_their_invoice_and_of_no_client() -> None:
    asked = {ACME: SETTINGS[ACME].model_copy(update={"mapping": itemising()})}
    record, told = a_record(with_lines("100.00", a_line(1))), Told()
    told.record(record)
    for it in Translate({}, asked)(record):
        if isinstance(it, AuditEntry):
            told.entry(it, 0)
        elif isinstance(it, Command):
            its = it.sobject is SObject.LINES
            wait, done = ParentMissing("NOT_YET", ()), Applied(SalesforceId("001A"), created=False)
            told.entry(ends.parked(it, wait) if its else ends.applied(it, done), 0)

    found = reported(told, [record])

    waits = [it.named for it in found.explained if it.why is Why.PARKED]
    assert waits == [Named(ObjectKind.INVOICE, 31)]
