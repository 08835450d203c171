"""FreshBooks' JSON and webhooks, made for a test: give what matters, the rest is plausible."""

from typing import Any
from urllib.parse import urlencode

from app.freshbooks.signature import sign

VERIFIER = "scADVVi5QuKuj5qTjVkbJNYQe7V7USpGd"


def money(amount: Any = "100.00", code: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "code": code}


def a_client(**given: Any) -> dict[str, Any]:
    return {
        "id": 567521,
        "userid": 567521,
        "organization": "Nordwind GmbH",
        "fname": "Ada",
        "lname": "Nordwind",
        "email": "ada@nordwind.example",
        "currency_code": "EUR",
        "updated": "2026-06-29 12:48:14",
        "vis_state": 0,
    } | given


def an_invoice(**given: Any) -> dict[str, Any]:
    return {
        "id": 987654,
        "invoiceid": 987654,
        "customerid": 567521,
        "invoice_number": "0042",
        "v3_status": "sent",
        "status": 2,
        "payment_status": "unpaid",
        "amount": money("41.94"),
        "paid": money("0.00"),
        "outstanding": money("41.94"),
        "currency_code": "USD",
        "create_date": "2026-06-01",
        "due_date": "2026-07-01",
        "date_paid": None,
        "updated": "2026-06-29 12:52:44",
        "version": "2026-06-29 12:52:44.256995",
        "vis_state": 0,
    } | given


def a_line(**given: Any) -> dict[str, Any]:
    return {
        "lineid": 1,
        "name": "Bowls",
        "description": "",
        "qty": "4",
        "unit_cost": money("5.00"),
        "amount": money("20.00"),
        "taxName1": "HST",
        "taxAmount1": "13",
        "taxName2": None,
        "taxAmount2": "0",
    } | given


def a_payment(**given: Any) -> dict[str, Any]:
    return {
        "id": 312041,
        "logid": 312041,
        "clientid": 567521,
        "invoiceid": 987654,
        "amount": money("20.00"),
        "date": "2026-06-29",
        "type": "Cash",
        "note": "",
        "from_credit": False,
        "updated": "2026-06-29 12:48:37",
        "vis_state": 0,
    } | given


def fields(**given: str) -> dict[str, str]:
    return {
        "name": "client.update",
        "object_id": "921895",
        "user_id": "1",
        "identity_id": "14051539",
        "business_id": "14393743",
        "account_id": "p7rQW5",
    } | given


def webhook(secret: str = VERIFIER, **given: str) -> tuple[bytes, str]:
    """Body and signature, as FreshBooks sends them."""
    form = fields(**given)
    return urlencode(form).encode(), sign(form, secret.encode()).decode()
