"""FreshBooks' lists against the log, object by object."""

from datetime import UTC, datetime, timedelta

import pytest

from app.reconcile.compare_books import compared
from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.seen import UNREADABLE, moment_of, seen
from app.reconcile.shown import Shown
from app.reconcile.told import Told
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone, Invoice, Payment, Visibility
from tests.builders.events import an_event
from tests.builders.records import ACME, MORNING, a_client, a_payment, a_record, an_invoice

LATER = MORNING + timedelta(hours=1)
CLIENT, INVOICE = Named(ObjectKind.CLIENT, 7), Named(ObjectKind.INVOICE, 31)


def told(*records: Record) -> Told:
    """A log in which every record was worked off."""
    found = Told()
    for record in records:
        found.record(record)
        found.entry(said(record), 0)
    return found


def said(record: Record, step: Step = Step.TRANSLATE, verdict: Verdict = Verdict.UNCHANGED) -> AuditEntry:
    return AuditEntry(
        id=audit_id(step, verdict, record.id),
        connection=ACME,
        client=record.client,
        step=step,
        verdict=verdict,
        cause=record.id,
        object=record.object,
        object_id=record.object_id,
        rule="bad-mapping",
    )


def listed(*snapshots: Client | Invoice | Payment, at: int = 0, began: datetime = LATER) -> Shown:
    """Lists that show these, which changed `at` seconds into the morning."""
    found = Shown(began)
    for it in snapshots:
        named = Named(ObjectKind(it.kind), it.id)
        client = it.id if isinstance(it, Client) else it.client
        found.objects[named] = seen(it, moment_of(MORNING + timedelta(seconds=at)), began, client)
        found.stamps[named] = f"stamp {at}"
    return found


def sorts(shown: Shown, log: Told) -> list[tuple[Sort, Named]]:
    return [(it.sort, it.named) for it in compared(shown, log) if isinstance(it, Difference)]


def test_what_both_have_alike_is_no_difference() -> None:
    log = told(a_record(a_client()), a_record(an_invoice()), a_record(a_payment()))

    assert [*compared(listed(a_client(), an_invoice(), a_payment()), log)] == []


def test_what_the_log_lacks_is_a_missed_webhook() -> None:
    assert sorts(listed(a_client(), an_invoice()), told(a_record(a_client()))) == [
        (Sort.MISSED_WEBHOOK, INVOICE)
    ]


def test_a_newer_version_is_a_missed_webhook_and_an_older_list_is_none() -> None:
    before, after = a_record(a_client()), a_record(a_client(organization="New"), at=5)

    assert sorts(listed(a_client(organization="New"), at=5), told(before)) == [(Sort.MISSED_WEBHOOK, CLIENT)]
    assert sorts(listed(a_client()), told(before, after)) == []


def test_a_change_within_the_same_second_is_seen_by_what_it_changed() -> None:
    assert sorts(listed(an_invoice(paid="10.00")), told(a_record(an_invoice()))) == [
        (Sort.MISSED_WEBHOOK, INVOICE)
    ]


def test_an_invoice_s_stamp_counts_by_itself_since_no_list_shows_its_lines() -> None:
    assert sorts(listed(an_invoice(), at=9), told(a_record(an_invoice()))) == [(Sort.MISSED_WEBHOOK, INVOICE)]


def test_a_status_that_only_the_days_moved_is_no_difference() -> None:
    assert sorts(listed(an_invoice(status="overdue")), told(a_record(an_invoice()))) == []


@pytest.mark.parametrize("shown", [listed(), listed(an_invoice(visibility=Visibility.DELETED), at=9)])
def test_what_freshbooks_has_not_any_more_is_a_missed_delete(shown: Shown) -> None:
    assert sorts(shown, told(a_record(an_invoice()))) == [(Sort.MISSED_DELETE, INVOICE)]


def test_what_is_deleted_on_both_sides_or_was_before_the_log_began_is_no_difference() -> None:
    gone = listed(an_invoice(visibility=Visibility.DELETED))

    assert sorts(gone, told(a_record(an_invoice(visibility=Visibility.DELETED)))) == []
    assert sorts(gone, told()) == []


def test_what_was_put_back_after_its_deletion_is_a_missed_webhook() -> None:
    log = told(a_record(an_invoice()), a_record(Gone(), at=5, kind=ObjectKind.INVOICE, number=31, client=7))

    assert sorts(listed(an_invoice()), log) == [(Sort.MISSED_WEBHOOK, INVOICE)]


def test_an_invoice_that_went_to_another_client_is_there() -> None:
    left = a_record(Gone(moved_to=8), at=5, kind=ObjectKind.INVOICE, number=31, client=7)  # type: ignore[arg-type]
    log = told(a_record(an_invoice()), a_record(an_invoice(client=8), at=5), left)

    assert sorts(listed(an_invoice(client=8), at=5), log) == []


def test_what_the_log_read_after_the_lists_were_begun_is_newer_than_they_are() -> None:
    assert sorts(listed(began=MORNING), told(a_record(an_invoice(), at=1))) == []


def test_an_object_that_cannot_be_read_is_there_all_the_same() -> None:
    shown = Shown(LATER, {CLIENT: UNREADABLE, INVOICE: UNREADABLE})

    assert sorts(shown, told(a_record(a_client()))) == [(Sort.MISSED_WEBHOOK, INVOICE)]


def test_news_on_its_way_and_dead_letters_explain_a_difference() -> None:
    log = told()
    log.event(an_event(ObjectKind.CLIENT, 7))
    log.entry(said(a_record(an_invoice()), Step.TRANSLATE, Verdict.DEAD_LETTER), 0)

    found = [*compared(listed(a_client(), an_invoice()), log)]

    assert [(it.why, it.named) for it in found if isinstance(it, Explained)] == [
        (Why.IN_FLIGHT, CLIENT),
        (Why.DEAD, INVOICE),
    ]
    assert len(found) == 2


def test_the_same_finding_is_dated_by_its_own_stamp() -> None:
    (found,) = compared(listed(a_client(), at=3), told())

    assert isinstance(found, Difference)
    assert found.stamp == "stamp 3"
    assert LATER.tzinfo is UTC
