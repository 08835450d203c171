from collections.abc import Sequence
from typing import Any

import pytest

from app.demo.judge import Books, Difference, Org, judge

Json = dict[str, Any]
STAMP = {"updated": "2026-11-09 09:00:00"}


def a_client(**fields: Any) -> Json:
    texts = (
        "fname",
        "lname",
        "email",
        "bus_phone",
        "mob_phone",
        "home_phone",
        "p_city",
        "p_code",
        "p_country",
    )
    return (
        dict.fromkeys(texts, "") | {"id": 1, "organization": "Öl & Söhne", "vis_state": 0, **STAMP} | fields
    )


def a_person(**fields: Any) -> Json:
    return a_client(fname="Zoë", lname="Öl", email="zoe@example.com") | fields


def an_invoice(outstanding: str = "10.00", **fields: Any) -> Json:
    def money(amount: str) -> Json:
        return {"amount": amount, "code": "USD"}

    given = {"id": 7, "customerid": 1, "invoice_number": "007", "vis_state": 0, "v3_status": "sent"}
    figures = {"amount": money("10.00"), "paid": money("0.00"), "outstanding": money(outstanding)}
    days = {"create_date": "2026-10-31", "due_date": "2026-11-30"}
    return given | STAMP | days | figures | fields


def a_payment(day: str, amount: str = "5.00", **fields: Any) -> Json:
    given = {"invoiceid": 7, "date": day, "vis_state": 0, "amount": {"amount": amount, "code": "USD"}}
    return given | STAMP | fields


def an_account(**fields: Any) -> Json:
    return {
        "Id": "001",
        "FreshBooks_Client_Id__c": "x:1",
        "Name": "Öl & Söhne",
        "FreshBooks_Outstanding__c": "USD 10.00",
        "FreshBooks_Paid__c": "USD 0.00",
        "FreshBooks_Payment_Status__c": "unpaid",
        "FreshBooks_Open_Invoices__c": "007",
        "FreshBooks_Last_Invoice__c": "2026-10-31",
        "FreshBooks_Last_Invoice_Number__c": "007",
    } | fields


def a_contact(**fields: Any) -> Json:
    names = {"LastName": "Öl", "FirstName": "Zoë", "Email": "zoe@example.com"}
    return {"FreshBooks_Contact_Id__c": "x:1", "AccountId": "001"} | names | fields


def an_opportunity(**fields: Any) -> Json:
    return {
        "FreshBooks_Invoice_Id__c": "x:7",
        "Name": "Invoice 007 - Öl & Söhne",
        "StageName": "Negotiation/Review",
        "CloseDate": "2026-11-30",
        "AccountId": "001",
        "Amount": 10.0,
        "FreshBooks_Amount__c": 10.0,
        "FreshBooks_Outstanding__c": 10,
        "FreshBooks_Invoice_Number__c": "007",
        "FreshBooks_Currency__c": "USD",
        "FreshBooks_Due_Date__c": "2026-11-30",
        "FreshBooks_Payment_Status__c": "unpaid",
    } | fields


def differences(
    *,
    client: Json | None = None,
    invoice: Json | None = None,
    payments: Sequence[Json] = (),
    org: Org | None = None,
) -> list[Difference]:
    books = Books("x", [client or a_client()], [invoice or an_invoice()], payments)
    return judge(books, org or Org([an_account()], [an_opportunity()]))


def test_what_agrees_is_not_mentioned() -> None:
    assert differences() == []


def test_a_missing_account_is_lost() -> None:
    (difference, *_) = differences(org=Org([], [an_opportunity(AccountId=None)]))

    assert difference.lost


def test_a_missing_opportunity_is_lost() -> None:
    (difference,) = differences(org=Org([an_account()], []))

    assert difference.lost


def test_a_draft_needs_no_opportunity() -> None:
    draft = an_invoice(v3_status="draft")
    nothing = (
        *("Outstanding", "Paid", "Payment_Status", "Open_Invoices"),
        *("Last_Invoice", "Last_Invoice_Number"),
    )
    account = an_account(**{f"FreshBooks_{name}__c": None for name in nothing})

    assert differences(invoice=draft, org=Org([account], [])) == []
    unpaid_again = Org([account], [an_opportunity()])
    assert differences(invoice=draft, org=unpaid_again) == []


def test_a_missing_contact_is_lost() -> None:
    org = Org([an_account(FreshBooks_Email__c="zoe@example.com")], [an_opportunity()])

    (difference,) = differences(client=a_person(), org=org)

    assert (difference.row, difference.lost) == ("Contact x:1", True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("LastName", "Oel"), ("FirstName", None), ("Email", "zoë@example.com"), ("AccountId", "002")],
)
def test_every_field_of_a_contact_is_looked_at(field: str, value: object) -> None:
    account = an_account(FreshBooks_Email__c="zoe@example.com")
    org = Org([account], [an_opportunity()], [a_contact(**{field: value})])

    (difference,) = differences(client=a_person(), org=org)

    assert (difference.field, difference.lost) == (field, False)


def test_a_row_that_freshbooks_knows_nothing_of_is_wrong() -> None:
    stranger = an_opportunity(FreshBooks_Invoice_Id__c="x:8")

    (difference,) = differences(org=Org([an_account()], [an_opportunity(), stranger]))

    assert (difference.row, difference.expected, difference.lost) == ("Opportunity x:8", "no row", False)


def test_a_paid_invoice_is_closed_on_the_day_of_its_last_payment_and_no_refund_is_one() -> None:
    paid = an_invoice(outstanding="0.00")
    refund = a_payment("2026-11-12", "-2.00")
    payments = [
        a_payment("2026-11-01"),
        a_payment("2026-11-05"),
        a_payment("2026-11-09", vis_state=1),
        refund,
    ]

    found = {
        difference.field: difference.expected for difference in differences(invoice=paid, payments=payments)
    }

    assert (found["CloseDate"], found["FreshBooks_Paid_Date__c"]) == ("2026-11-05", "2026-11-05")
    assert found["FreshBooks_Last_Payment__c"] == "2026-11-05"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("StageName", "Closed Won"),
        ("Amount", 10.01),
        ("FreshBooks_Outstanding__c", None),
        ("AccountId", "002"),
        ("FreshBooks_Invoice_Number__c", "7"),
        ("FreshBooks_Currency__c", "CAD"),
        ("Name", "Invoice 007"),
        ("CloseDate", "2026-12-01"),
        ("FreshBooks_Due_Date__c", None),
        ("FreshBooks_Payment_Status__c", "paid"),
        ("FreshBooks_Paid_Date__c", "2026-11-30"),
    ],
)
def test_every_field_of_an_opportunity_is_looked_at(field: str, value: object) -> None:
    (difference,) = differences(org=Org([an_account()], [an_opportunity(**{field: value})]))

    assert (difference.field, difference.lost) == (field, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("Name", "Oel"), ("FreshBooks_Outstanding__c", "CAD 10.00"), ("FreshBooks_Paid__c", "CAD 1.00")),
        *(("Phone", "1"), ("BillingCity", "Köln"), ("FreshBooks_Email__c", "a@b.c")),
        *(("FreshBooks_Payment_Status__c", "paid"), ("FreshBooks_Open_Invoices__c", "7")),
        *(("FreshBooks_Last_Payment__c", "2026-11-30"), ("FreshBooks_Overdue__c", "USD 10.00")),
        *(("FreshBooks_Last_Invoice__c", "2026-11-01"), ("FreshBooks_Last_Invoice_Number__c", "7")),
    ],
)
def test_every_field_of_an_account_is_looked_at(field: str, value: str) -> None:
    (difference,) = differences(org=Org([an_account(**{field: value})], [an_opportunity()]))

    assert difference.field == field


def test_the_first_number_under_which_a_client_answers_is_its_phone() -> None:
    client = a_client(bus_phone="1", mob_phone="2", home_phone="3")

    (difference,) = differences(client=client)

    assert (difference.field, difference.expected) == ("Phone", "1")


def test_a_paid_invoice_is_not_among_the_open_ones() -> None:
    found = {each.field: each.expected for each in differences(invoice=an_invoice(outstanding="0.00"))}

    assert found["FreshBooks_Open_Invoices__c"] == "None"
    assert found["FreshBooks_Payment_Status__c"] == "paid"


def test_what_was_due_before_the_last_change_is_overdue() -> None:
    found = {each.field: each.expected for each in differences(invoice=an_invoice(due_date="2026-11-08"))}

    assert "Decimal('10.00')" in found["FreshBooks_Overdue__c"]
    assert found["FreshBooks_Payment_Status__c"] == "overdue"


def test_two_rows_for_one_invoice_are_wrong() -> None:
    (difference,) = differences(org=Org([an_account()], [an_opportunity(), an_opportunity()]))

    assert difference.found == "2 rows"


def test_a_paid_invoice_must_be_won_and_a_deleted_one_lost() -> None:
    won, lost = an_invoice(outstanding="0.00"), an_invoice(vis_state=1)

    found = [difference for invoice in (won, lost) for difference in differences(invoice=invoice)]

    assert {d.expected for d in found if d.field == "StageName"} == {"Closed Won", "Closed Lost"}


def test_of_a_deleted_invoice_nothing_may_be_owed() -> None:
    found = differences(invoice=an_invoice(vis_state=1))

    assert [d.expected for d in found if d.row.startswith("Opp") and "Outstanding" in d.field] == ["0"]
