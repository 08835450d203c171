"""Differences become events: one per object, parents first, the same for the same finding."""

from datetime import timedelta

from app.reconcile.asked import events
from app.reconcile.difference import Difference, Named, Sort
from streams.domain.event import EventSource
from streams.domain.identity import ObjectKind
from tests.builders.records import ACME, MORNING

CLIENT, INVOICE = Named(ObjectKind.CLIENT, 7), Named(ObjectKind.INVOICE, 31)
PAYMENT = Named(ObjectKind.PAYMENT, 501)


def a_difference(sort: Sort, named: Named, stamp: str = "", row: str = "") -> Difference:
    return Difference(sort, named, "differs", row, stamp=stamp)


def test_each_object_is_asked_for_once_parents_first() -> None:
    found = [
        *events(
            ACME,
            [
                a_difference(Sort.MISSED_DELETE, PAYMENT, "3"),
                a_difference(Sort.DRIFT, CLIENT, row="Contact a:7"),
                a_difference(Sort.UNKNOWN_CHANGE, CLIENT, row="Account a:7"),
                a_difference(Sort.MISSED_WEBHOOK, INVOICE, "2"),
            ],
            MORNING,
        )
    ]

    assert [(it.object, it.object_id) for it in found] == [CLIENT, INVOICE, PAYMENT]
    assert {it.source for it in found} == {EventSource.RECONCILE}
    assert [bool(it.nonce) for it in found] == [True, False, False]


def test_what_only_a_mapping_can_mend_is_not_asked_for() -> None:
    assert [*events(ACME, [a_difference(Sort.NOT_COMPARED, CLIENT)], MORNING)] == []


def test_the_same_state_of_freshbooks_is_the_same_event_whenever_it_is_found() -> None:
    found = a_difference(Sort.MISSED_WEBHOOK, INVOICE, "2")

    (first,), (again,) = events(ACME, [found], MORNING), events(ACME, [found], MORNING + timedelta(days=1))
    (newer,) = events(ACME, [a_difference(Sort.MISSED_WEBHOOK, INVOICE, "3")], MORNING)

    assert first.id == again.id != newer.id


def test_what_lies_in_salesforce_is_a_new_demand_each_time() -> None:
    found = a_difference(Sort.DRIFT, INVOICE, row="Opportunity a:31")

    (first,), (again,) = events(ACME, [found], MORNING), events(ACME, [found], MORNING + timedelta(days=1))

    assert first.id != again.id
    assert first.nonce < again.nonce
