"""Rows of what people or the org make: an Order's amount, the link to Salesforce's own Invoice."""

from decimal import Decimal
from typing import Any

import pytest

from streams.domain.command import Figure, Lookup, SObject
from streams.domain.identity import ClientId
from streams.ledger.facts import InvoiceFacts
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping.flaws import BadMapping
from streams.mapping.reading import default_text, read
from streams.mapping.row import Row
from streams.mapping.rows import sales
from tests.builders.mappings import rules_of
from tests.builders.records import a_record, an_invoice

SALE = Lookup(external_id_field="FreshBooks_Invoice_Id__c", external_id="p7rQW5:31")
AMOUNT, LINK = "FreshBooks_Invoice_Amount__c", "FreshBooks_Salesforce_Invoice__c"
CLEARS = default_text().replace('unpaid = "keep"', 'unpaid = "clear"')
BY_ORDER = default_text().replace('match = "number"', 'match = "order"')
BY_PO = default_text().replace('match = "opportunity"', 'match = "po_number"')


def rows(text: str = "", *, gone: bool = False, **given: Any) -> dict[SObject, Row]:
    record = a_record(an_invoice(31, **given))
    facts = InvoiceFacts.of(record.version, an_invoice(31, **given))
    page = InvoicePage(facts, gone="9" * 40 if gone else "")
    return {it.sobject: it for it in sales(rules_of(text), ClientId(7), ClientPage(), ("Acme",), 31, page)}


def test_an_order_gets_the_whole_amount_and_its_currency_by_its_opportunity() -> None:
    row = rows(amount="100.00")[SObject.ORDER]

    assert row.external_id_field == "Opportunity.FreshBooks_Invoice_Id__c"
    assert row.external_id == "p7rQW5:31"
    amount = Figure(figure=Decimal("100.00"), currency="CAD")
    assert row.fields == {"Opportunity": SALE, AMOUNT: amount, "FreshBooks_Currency__c": "CAD"}


def test_an_order_of_a_deleted_invoice_is_for_nothing() -> None:
    assert rows(gone=True)[SObject.ORDER].fields[AMOUNT] is None


def test_a_draft_has_neither_opportunity_nor_order() -> None:
    assert rows(status="draft") == {}


def test_the_po_number_goes_along_where_orders_are_found_by_it() -> None:
    row = rows(BY_PO)[SObject.ORDER]

    assert row.external_id_field == "PoNumber"
    assert "PoNumber" in row.fields


def test_without_its_table_no_order_and_no_invoice_is_looked_for() -> None:
    without = default_text().partition("[order]")[0]

    assert rows(without, paid="100.00").keys() == {SObject.OPPORTUNITY}


def test_a_paid_invoice_is_to_be_linked_and_an_unpaid_one_is_left_alone() -> None:
    paid, unpaid = rows(paid="100.00"), rows(paid="99.99")

    link = paid[SObject.INVOICE]
    assert link.external_id_field == "InvoiceNumber"
    assert link.fields == {"Opportunity": SALE, "InvoiceNumber": "00031", LINK: True}
    assert SObject.INVOICE not in unpaid


def test_by_rule_the_link_of_an_unpaid_one_is_taken_away() -> None:
    assert rows(CLEARS, paid="99.99")[SObject.INVOICE].fields == {"Opportunity": SALE, LINK: None}


def test_by_rule_its_number_does_not_matter() -> None:
    assert rows(BY_ORDER, paid="100.00")[SObject.INVOICE].fields == {"Opportunity": SALE, LINK: True}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('match = "opportunity"', 'match = "name"', "order.match: is no such choice"),
        ('match = "number"', 'match = "amount"', "invoice.match: is no such choice"),
        ('unpaid = "keep"', "unpaid = 1", "invoice.unpaid: is no such choice"),
        ('unpaid = "keep"', 'when = "x"', "invoice.when: is no key here"),
        ("[order.fields]", '[order.fields]\nPoNumber = "invoice.po_number"', "written by Freshforce itself"),
        ("[order.fields]", '[order.fields]\nAccount = "client.account"', "written by Freshforce itself"),
    ],
)
def test_what_cannot_work_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(BadMapping, match=says):
        read(default_text().replace(old, new))
