"""Orders that people made against the log: what we write on them is compared, one made later is found."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Difference, Explained, Named, Sort
from app.reconcile.held import COMPARED, Held
from app.reconcile.likeness import Likeness, Unlike
from app.reconcile.told import Told
from app.salesforce.shape.describe import ISO_CODE, Shape, Slot
from streams.domain.command import Command, Figure, SObject
from streams.domain.connection import Connection
from streams.domain.identity import ObjectKind, SalesforceId
from streams.mapping.reading import default_text
from streams.mapping.row import BY_OPPORTUNITY
from streams.steps.id_map import Delivered, IdMap, row_key, short
from streams.steps.translate import Translate
from tests.builders.itemised import a_line, with_lines
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_record

INVOICE = Named(ObjectKind.INVOICE, 31)
RECORDS = a_record(a_client()), a_record(with_lines("100.00", a_line()), at=1)
AMOUNT, VALUE = "FreshBooks_Invoice_Amount__c", "Value__c"
BY_PO = A_CONNECTION.model_copy(
    update={"mapping": default_text().replace('match = "opportunity"', 'match = "po_number"')}
)
Orders = Mapping[str, Any] | None


def commands(connection: Connection) -> list[Command]:
    step = Translate({}, {ACME: connection})
    return [it for record in RECORDS for it in step(record) if isinstance(it, Command)]


def compared(
    order: Orders,
    *,
    connection: Connection = A_CONNECTION,
    delivered_to: str = "801",
    read: bool = True,
    sale: bool = True,
) -> Sequence[Difference | Explained]:
    """Return what is told of an Order; all was delivered, its amount to one (empty: there was none)."""
    told, id_map, held = Told(), IdMap({}), Held(MORNING)
    for record in RECORDS:
        told.record(record)
    for it in commands(connection):
        mine = it.sobject is SObject.ORDER
        found = Delivered(SalesforceId(delivered_to if mine else "001"), it.version, short(it))
        id_map.put(row_key(it.row), found._replace(sought=0 if found.there else 1))
    slots = {AMOUNT: Slot(AMOUNT)}
    held.shapes = dict.fromkeys(SObject, Shape("", slots, frozenset(slots)))
    held.rows = {(it.sobject, it.external_id): {} for it in commands(connection) if it.sobject in COMPARED}
    (its,) = (it for it in commands(connection) if it.sobject is SObject.ORDER)
    if not sale:
        del held.rows[SObject.OPPORTUNITY, its.external_id]
    if read:
        held.orders = {its.external_id: order} if order is not None else {}
    told._open.clear()
    told_of = RowComparison(connection, told, held, id_map.state).all()
    return [it for it in told_of if SObject.ORDER.value in it.row]


def test_an_order_that_shows_the_invoice_s_amount_is_no_difference() -> None:
    assert compared({AMOUNT: Decimal("100.00")}) == []


def test_an_amount_that_a_person_changed_on_an_order_is_named_with_both() -> None:
    (found,) = compared({AMOUNT: Decimal(60)})

    assert isinstance(found, Difference)
    assert (found.sort, found.named, found.lies_in_salesforce) == (Sort.UNKNOWN_CHANGE, INVOICE, True)
    assert found.fields == {AMOUNT: ("100.00", "60")}


def test_an_order_that_somebody_deleted_is_drift() -> None:
    (found,) = compared(None)

    assert isinstance(found, Difference)
    assert (found.sort, found.named) == (Sort.DRIFT, INVOICE)


def test_where_there_never_was_an_order_none_is_missed() -> None:
    assert compared(None, delivered_to="") == []


def test_an_order_that_was_made_after_the_invoice_was_carried_is_found() -> None:
    (found,) = compared({AMOUNT: None}, delivered_to="")

    assert isinstance(found, Difference)
    assert (found.sort, found.lies_in_salesforce) == (Sort.UNKNOWN_CHANGE, True)
    assert found.says == "this Order was not there when looked for"
    assert found.fields == {AMOUNT: ("100.00", None)}


def test_an_order_of_no_opportunity_is_found_by_its_number_and_not_missed() -> None:
    (its,) = (it for it in commands(BY_PO) if it.sobject is SObject.ORDER)
    assert its.external_id_field != BY_OPPORTUNITY

    assert compared(None, connection=BY_PO) == []
    assert compared({AMOUNT: Decimal(60)}, connection=BY_PO)


def test_an_opportunity_that_is_not_there_is_told_once_and_not_of_its_order_too() -> None:
    assert compared(None, sale=False) == []


def test_an_org_that_shows_no_orders_has_none_compared() -> None:
    assert compared(None, read=False) == []


def unlike(currency: str, here: Mapping[str, Any]) -> Unlike:
    """Return what an Order shows otherwise that is to hold 7 of a currency, in an org whose own is EUR."""
    connection = A_CONNECTION.model_copy(update={"org_currency": "EUR"})
    slots = {VALUE: Slot(VALUE, money=True)} | ({ISO_CODE: Slot(ISO_CODE)} if ISO_CODE in here else {})
    held = Held(MORNING, shapes={SObject.ORDER: Shape("Order", slots, frozenset(slots))})
    sent = {VALUE: Figure(figure=Decimal(7), currency=currency)}
    return Likeness(connection, held).unlike(SObject.ORDER, sent, here)


def test_an_amount_in_the_org_s_own_currency_is_held_against_the_order_s() -> None:
    assert unlike("EUR", {VALUE: Decimal(7)}) == {}
    assert unlike("EUR", {VALUE: Decimal(8)}) == {VALUE: ("7", "8")}


def test_an_amount_that_an_order_of_another_currency_does_not_hold_is_no_difference() -> None:
    assert unlike("EUR", {VALUE: None, ISO_CODE: "USD"}) == {}
    assert unlike("USD", {VALUE: Decimal(7), ISO_CODE: "USD"}) == {}
