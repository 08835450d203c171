"""What a client and an invoice look like in Salesforce."""

from datetime import date
from decimal import Decimal

import pytest

from streams.domain.command import Figure, Lookup, SObject, Stage
from streams.domain.connection import ClosedWonWhen
from streams.domain.errors import Misconfigured
from streams.domain.identity import ClientId
from streams.domain.snapshot import Client, Invoice, Visibility
from streams.domain.version import Version
from streams.ledger.facts import ClientFacts, InvoiceFacts, Naming
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping import rows
from streams.mapping.row import Row, content
from streams.mapping.rules import Rules
from tests.builders.records import A_CONNECTION, a_client, an_invoice

RULES = Rules.of(A_CONNECTION)
ANY_PAYMENT = Rules.of(A_CONNECTION.model_copy(update={"closed_won_when": ClosedWonWhen.ANY_PAYMENT}))
DRAFTS_TOO = Rules.of(A_CONNECTION.model_copy(update={"drafts": True}))
SEVEN = ClientId(7)
INVOICED = Stage(phase="invoiced", name="Negotiation/Review")
WON = Stage(phase="won", name="Closed Won")
LOST = Stage(phase="lost", name="Closed Lost")


def facts(client: Client) -> ClientFacts:
    return ClientFacts.of(Version("1"), client)


def cad(amount: str) -> Figure:
    return Figure(figure=Decimal(amount), currency="CAD")


def account(rules: Rules, client: ClientId, known: ClientFacts, head: Head) -> Row:
    row = rows.account(rules, client, ClientPage(known), head)
    assert row
    return row


def contact(rules: Rules, client: ClientId, known: ClientFacts) -> Row | None:
    return rows.contact(rules, client, ClientPage(known), Head())


def opportunity(
    rules: Rules, client: ClientId, naming: Naming | None, invoice: int, its: InvoicePage
) -> Row | None:
    return rows.opportunity(rules, client, ClientPage(), naming, invoice, its)


def page(invoice: Invoice, **payments: str) -> InvoicePage:
    return InvoicePage(InvoiceFacts.of(Version("1"), invoice), payments=payments)


def an_opportunity(invoice: Invoice, rules: Rules = RULES, **payments: str) -> Row:
    row = opportunity(rules, SEVEN, ("Acme",), 31, page(invoice, **payments))
    assert row
    return row


@pytest.mark.parametrize(
    ("client", "name"),
    [
        (a_client(), "Acme"),
        (a_client(organization=""), "Ann Lee"),
        (a_client(organization="", first_name=""), "Lee"),
        (a_client(organization="", first_name="", last_name=""), "ann@acme.example"),
        (a_client(organization="", first_name="", last_name="", email=""), "FreshBooks client 7"),
    ],
)
def test_an_account_always_has_a_name(client: Client, name: str) -> None:
    assert account(RULES, SEVEN, facts(client), Head()).fields["Name"] == name


def test_an_account_is_known_by_the_account_of_freshbooks_and_the_client() -> None:
    row = account(RULES, SEVEN, facts(a_client()), Head())

    assert (row.sobject, row.external_id_field) == (SObject.ACCOUNT, "FreshBooks_Client_Id__c")
    assert row.external_id == "p7rQW5:7"


def test_two_streets_become_two_lines() -> None:
    fields = account(RULES, SEVEN, facts(a_client()), Head()).fields

    assert fields["BillingStreet"] == "1 Main St\nFloor 2"
    assert fields["BillingCountry"] == "Canada"
    assert fields["ShippingStreet"] is None


def test_balances_stand_side_by_side_per_currency() -> None:
    head = Head(counted=2, open=2, moneyed=1, outstanding={"USD": "800.00", "CAD": "21.94"})

    fields = account(RULES, SEVEN, facts(a_client()), head).fields

    assert fields["FreshBooks_Outstanding__c"] == "CAD 21.94; USD 800.00"
    assert fields["FreshBooks_Paid__c"] is None


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (Head(), None),
        (Head(counted=2), "paid"),
        (Head(counted=2, open=1, moneyed=1), "partial"),
        (Head(counted=2, open=2), "unpaid"),
    ],
)
def test_the_payment_status_of_a_client_is_one_word(head: Head, status: str | None) -> None:
    fields = account(RULES, SEVEN, facts(a_client()), head).fields

    assert fields["FreshBooks_Payment_Status__c"] == status


def test_more_open_invoices_than_can_be_listed_are_counted() -> None:
    few, many = Head(open=2, numbers=[(1, "0001"), (2, "0002")]), Head(open=101)

    shown = [
        account(RULES, SEVEN, facts(a_client()), head).fields["FreshBooks_Open_Invoices__c"]
        for head in (few, many)
    ]

    assert shown == ["0001, 0002", "101 invoices"]


@pytest.mark.parametrize(
    ("client", "names"),
    [
        (a_client(), ("Ann", "Lee")),
        (a_client(last_name=""), (None, "Ann")),
        (a_client(first_name="", last_name=""), (None, "ann@acme.example")),
    ],
)
def test_a_contact_always_has_a_last_name(client: Client, names: tuple[str | None, str]) -> None:
    row = contact(RULES, SEVEN, facts(client))

    assert row
    assert (row.fields["FirstName"], row.fields["LastName"]) == names


def test_an_organization_without_a_person_gets_no_contact() -> None:
    nobody = a_client(first_name="", last_name="", email="")

    assert contact(RULES, SEVEN, facts(nobody)) is None


def test_children_name_their_account_by_its_external_id() -> None:
    account_of = Lookup(external_id_field="FreshBooks_Client_Id__c", external_id="p7rQW5:7")
    person = contact(RULES, SEVEN, facts(a_client()))

    assert person
    assert person.fields["Account"] == account_of
    assert an_opportunity(an_invoice()).fields["Account"] == account_of


@pytest.mark.parametrize(
    ("invoice", "stage", "status"),
    [
        (an_invoice(), INVOICED, "unpaid"),
        (an_invoice(paid="20.00"), INVOICED, "partial"),
        (an_invoice(paid="100.00"), WON, "paid"),
        (an_invoice(paid="120.00", outstanding="0.00"), WON, "paid"),
        (an_invoice(paid="100.00", visibility=Visibility.DELETED), LOST, "deleted"),
        (an_invoice(visibility=Visibility.ARCHIVED), INVOICED, "unpaid"),
        (an_invoice(status="paid"), INVOICED, "unpaid"),
    ],
)
def test_the_stage_follows_the_money_not_the_status_word(invoice: Invoice, stage: Stage, status: str) -> None:
    fields = an_opportunity(invoice).fields

    assert (fields["StageName"], fields["FreshBooks_Payment_Status__c"]) == (stage, status)


def test_nothing_is_to_come_of_a_deleted_invoice_as_on_its_account() -> None:
    partly = an_invoice(paid="20.00")
    deleted = InvoicePage(InvoiceFacts.of(Version("1"), partly), gone=Version("2"))

    row = opportunity(RULES, SEVEN, ("Acme",), 31, deleted)

    assert row
    assert an_opportunity(partly).fields["FreshBooks_Outstanding__c"] == cad("80.00")
    assert row.fields["FreshBooks_Outstanding__c"] == cad("0")
    assert row.fields["FreshBooks_Amount__c"] == cad("100.00"), "what it was about stays known"


def test_any_payment_wins_where_the_connection_says_so() -> None:
    partly = an_invoice(paid="20.00")

    row = an_opportunity(partly, ANY_PAYMENT, a="2026-10-09", b="2026-10-20")

    assert row.fields["StageName"] == WON
    assert row.fields["CloseDate"] == "2026-10-09"
    assert row.fields["FreshBooks_Paid_Date__c"] is None


def test_a_won_invoice_closes_on_the_day_of_its_last_payment() -> None:
    fields = an_opportunity(an_invoice(paid="100.00"), a="2026-10-09", b="2026-10-20").fields

    assert fields["CloseDate"] == fields["FreshBooks_Paid_Date__c"] == "2026-10-20"


def test_without_its_payments_a_paid_invoice_closes_on_the_day_freshbooks_names() -> None:
    paid = an_invoice(paid="100.00", paid_on=date(2026, 10, 11))

    assert an_opportunity(paid).fields["CloseDate"] == "2026-10-11"


def test_an_open_invoice_closes_when_it_is_due_else_when_it_was_written() -> None:
    due = an_opportunity(an_invoice()).fields
    undated = an_opportunity(an_invoice().model_copy(update={"due_on": None})).fields

    assert due["CloseDate"] == "2026-11-30"
    assert (undated["CloseDate"], undated["FreshBooks_Due_Date__c"]) == ("2026-10-01", None)


def test_drafts_wait_unless_the_connection_wants_them() -> None:
    draft = page(an_invoice(status="draft"))

    row = opportunity(DRAFTS_TOO, SEVEN, ("Acme",), 31, draft)

    assert opportunity(RULES, SEVEN, ("Acme",), 31, draft) is None
    assert row
    assert row.fields["StageName"] == Stage(phase="draft", name="Proposal/Price Quote")


def test_a_client_never_seen_is_called_as_the_invoice_calls_it() -> None:
    row = opportunity(RULES, SEVEN, None, 31, page(an_invoice(organization="Old Name")))

    assert row
    assert row.fields["Name"] == "Invoice 00031 - Old Name"


def test_an_invoice_of_a_client_that_never_was_refers_to_no_account() -> None:
    row = opportunity(RULES, SEVEN, (), 31, page(an_invoice()))

    assert row
    assert "Account" not in row.fields


def test_an_invoice_that_went_to_another_client_is_not_ours_to_write() -> None:
    moved = page(an_invoice())
    moved.left = Version("2")

    assert opportunity(RULES, SEVEN, ("Acme",), 31, moved) is None


def test_an_invoice_that_came_back_is_sent_though_its_fields_are_what_they_were() -> None:
    before, back = page(an_invoice()), page(an_invoice())
    back.left = Version("0")

    rows = [opportunity(RULES, SEVEN, ("Acme",), 31, it) for it in (before, back)]

    assert rows[0]
    assert rows[1]
    assert rows[0].fields == rows[1].fields
    assert content(rows[0]) != content(rows[1])


def test_amounts_are_written_as_freshbooks_has_them() -> None:
    odd = an_invoice(amount="7.60133524082021936099189318")

    exactly = Figure(figure=Decimal("7.60133524082021936099189318"), currency="CAD")
    assert an_opportunity(odd).fields["Amount"] == exactly


def test_the_hash_tells_contents_apart_and_a_figure_from_a_text() -> None:
    base = Row(SObject.ACCOUNT, "F__c", "1", {"A": "1", "B": None})
    same = base._replace(fields={"B": None, "A": "1"}, external_id="2")
    others = [
        base._replace(fields={"A": "1"}),
        base._replace(fields={"A": Figure(figure=Decimal(1)), "B": None}),
        base._replace(fields={"A": Lookup(external_id_field="X", external_id="1"), "B": None}),
    ]

    assert content(base) == content(same)
    assert len({content(base), *map(content, others)}) == 4


def test_the_version_of_the_rules_changes_with_them() -> None:
    assert len({RULES.version, ANY_PAYMENT.version, DRAFTS_TOO.version}) == 3


def test_a_connection_that_names_no_freshbooks_account_cannot_be_mapped() -> None:
    unfinished = A_CONNECTION.model_copy(update={"freshbooks_account_id": None})

    with pytest.raises(Misconfigured, match="names no FreshBooks account"):
        Rules.of(unfinished)
