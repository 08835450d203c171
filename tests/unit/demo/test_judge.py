from typing import Any

import pytest

from app.demo.judge import Books, Difference, Org, judge

Json = dict[str, Any]


def a_client(**fields: Any) -> Json:
    return {
        "id": 1,
        "organization": "Öl & Söhne",
        "fname": "",
        "lname": "",
        "email": "",
        "vis_state": 0,
    } | fields


def an_invoice(outstanding: str = "10.00", **fields: Any) -> Json:
    def money(amount: str) -> Json:
        return {"amount": amount, "code": "CAD"}

    given = {"id": 7, "customerid": 1, "invoice_number": "007", "vis_state": 0, "v3_status": "sent"}
    figures = {"amount": money("10.00"), "paid": money("0.00"), "outstanding": money(outstanding)}
    return given | figures | fields


def an_account(**fields: Any) -> Json:
    return {
        "Id": "001",
        "FreshBooks_Client_Id__c": "x:1",
        "Name": "Öl & Söhne",
        "FreshBooks_Outstanding__c": "CAD 10.00",
        "FreshBooks_Paid__c": "CAD 0.00",
    } | fields


def an_opportunity(**fields: Any) -> Json:
    return {
        "FreshBooks_Invoice_Id__c": "x:7",
        "StageName": "Negotiation/Review",
        "AccountId": "001",
        "Amount": 10.0,
        "FreshBooks_Outstanding__c": 10,
        "FreshBooks_Invoice_Number__c": "007",
        "FreshBooks_Currency__c": "CAD",
    } | fields


def differences(
    *, client: Json | None = None, invoice: Json | None = None, org: Org | None = None
) -> list[Difference]:
    books = Books("x", [client or a_client()], [invoice or an_invoice()], [])
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
    account = an_account(FreshBooks_Outstanding__c=None, FreshBooks_Paid__c=None)

    assert differences(invoice=draft, org=Org([account], [])) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("StageName", "Closed Won"),
        ("Amount", 10.01),
        ("FreshBooks_Outstanding__c", None),
        ("AccountId", "002"),
        ("FreshBooks_Invoice_Number__c", "7"),
        ("FreshBooks_Currency__c", "USD"),
    ],
)
def test_every_field_of_an_opportunity_is_looked_at(field: str, value: object) -> None:
    (difference,) = differences(org=Org([an_account()], [an_opportunity(**{field: value})]))

    assert (difference.field, difference.lost) == (field, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [("Name", "Oel"), ("FreshBooks_Outstanding__c", "USD 10.00"), ("FreshBooks_Paid__c", "CAD 1.00")],
)
def test_every_field_of_an_account_is_looked_at(field: str, value: str) -> None:
    (difference,) = differences(org=Org([an_account(**{field: value})], [an_opportunity()]))

    assert difference.field == field


def test_two_rows_for_one_invoice_are_wrong() -> None:
    (difference,) = differences(org=Org([an_account()], [an_opportunity(), an_opportunity()]))

    assert difference.found == "2 rows"


def test_a_paid_invoice_must_be_won_and_a_deleted_one_lost() -> None:
    won, lost = an_invoice(outstanding="0.00"), an_invoice(vis_state=1)

    found = [difference for invoice in (won, lost) for difference in differences(invoice=invoice)]

    assert {d.expected for d in found if d.field == "StageName"} == {"Closed Won", "Closed Lost"}
