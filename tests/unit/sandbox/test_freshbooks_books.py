from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders.freshbooks_user import FreshBooksUser, freshbooks_user

CLIENTS, INVOICES, PAYMENTS = "users/clients", "invoices/invoices", "payments/payments"
NOON = datetime(2026, 6, 29, 16, 51, 55, tzinfo=UTC)


async def _put(user: FreshBooksUser, place: str, noun: str, object_id: int, **fields: Any) -> dict[str, Any]:
    status, body = await user.accounting("PUT", f"{place}/{object_id}", {noun: fields})
    assert status == 200, body
    changed: dict[str, Any] = body["response"]["result"][noun]
    return changed


async def test_updated_is_eastern_and_signup_is_utc() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.set_clock(NOON, stopped=True)

        client = await user.a_client()

        assert client["updated"] == "2026-06-29 12:51:55"
        assert client["signup_date"] == "2026-06-29 16:51:55"


async def test_in_november_one_hour_of_updated_happens_twice_and_version_steps_back() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        await user.sandbox.control.set_clock(datetime(2026, 11, 1, 5, 59, 30, tzinfo=UTC), stopped=True)
        summer = await user.an_invoice(client)
        await user.sandbox.control.set_clock(datetime(2026, 11, 1, 6, 59, 30, tzinfo=UTC), stopped=True)
        winter = await user.an_invoice(client)
        await user.sandbox.control.set_clock(datetime(2026, 11, 1, 6, 0, 1, tzinfo=UTC), stopped=True)
        between = await user.an_invoice(client)

        assert summer["updated"] == winter["updated"] == "2026-11-01 01:59:30"
        assert between["updated"] == "2026-11-01 01:00:01"
        assert between["version"] < summer["version"], "later, and yet smaller"


async def test_a_client_needs_a_name_or_an_email() -> None:
    async with freshbooks_user() as user:
        status, body = await user.accounting("POST", CLIENTS, {"client": {"p_city": "Bonn"}})

        assert (status, body["response"]["errors"][0]["errno"]) == (422, 7012)


async def test_a_put_changes_the_keys_given_and_no_others() -> None:
    async with freshbooks_user() as user:
        client = await user.a_client(email="a@example.com", fname="Ann")

        after = await _put(user, CLIENTS, "client", client["id"], fname="Åse")

        assert (after["fname"], after["email"]) == ("Åse", "a@example.com")


async def test_a_put_of_the_same_values_moves_nothing() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.set_clock(NOON, stopped=True)
        invoice = await user.an_invoice((await user.a_client())["id"])
        await user.sandbox.control.advance(timedelta(hours=1))

        same = await _put(user, INVOICES, "invoice", invoice["id"], create_date="2026-05-01")
        other = await _put(user, INVOICES, "invoice", invoice["id"], notes="soon, please")

        assert (same["updated"], same["version"]) == (invoice["updated"], invoice["version"])
        assert other["version"] > invoice["version"]


async def test_vis_state_in_a_put_drops_every_other_field_even_when_unchanged() -> None:
    async with freshbooks_user() as user:
        client = await user.a_client(fname="Ann")

        echoed = await _put(user, CLIENTS, "client", client["id"], vis_state=0, fname="Åse")

        assert echoed["fname"] == "Ann"


async def test_an_action_drops_the_other_fields() -> None:
    async with freshbooks_user() as user:
        invoice = await user.an_invoice((await user.a_client())["id"], status=1, due_offset_days=9999)

        sent = await _put(user, INVOICES, "invoice", invoice["id"], action_mark_as_sent=True, notes="x")

        assert (invoice["status"], invoice["v3_status"]) == (1, "draft")
        assert (sent["status"], sent["v3_status"], sent["notes"]) == (2, "sent", "")


async def test_a_deleted_invoice_leaves_the_list_but_not_its_address() -> None:
    async with freshbooks_user() as user:
        invoice = await user.an_invoice((await user.a_client())["id"])

        gone = await _put(user, INVOICES, "invoice", invoice["id"], vis_state=1)
        _, listed = await user.accounting("GET", INVOICES)
        _, deleted = await user.accounting("GET", INVOICES, query={"search[vis_state]": "1"})

        assert gone["vis_state"] == 1
        assert listed["response"]["result"]["total"] == 0
        assert deleted["response"]["result"]["invoices"][0]["id"] == invoice["id"]
        assert (await user.read(INVOICES, "invoice", invoice["id"]))["vis_state"] == 1


async def test_a_payment_changes_its_invoice() -> None:
    async with freshbooks_user() as user:
        invoice = (await user.an_invoice((await user.a_client())["id"], "100.00"))["id"]

        await user.a_payment(invoice, "40.00")
        partial = await user.read(INVOICES, "invoice", invoice)
        await user.a_payment(invoice, "60.00", date="2026-05-09")
        paid = await user.read(INVOICES, "invoice", invoice)

        assert (partial["paid"]["amount"], partial["outstanding"]["amount"]) == ("40.00", "60.00")
        assert (partial["status"], partial["v3_status"], partial["payment_status"]) == (
            2,
            "partial",
            "partial",
        )
        assert partial["date_paid"] is None
        assert (paid["outstanding"]["amount"], paid["date_paid"]) == ("0.00", "2026-05-09")
        assert (paid["status"], paid["v3_status"], paid["payment_status"]) == (4, "paid", "paid")


async def test_a_deleted_payment_gives_the_invoice_its_balance_back() -> None:
    async with freshbooks_user() as user:
        invoice = (await user.an_invoice((await user.a_client())["id"], "100.00", due_offset_days=9999))["id"]
        payment = await user.a_payment(invoice, "100.00")

        await _put(user, PAYMENTS, "payment", payment["id"], vis_state=1)
        after = await user.read(INVOICES, "invoice", invoice)

        assert (after["outstanding"]["amount"], after["v3_status"], after["date_paid"]) == (
            "100.00",
            "sent",
            None,
        )


async def test_too_much_money_becomes_a_credit() -> None:
    async with freshbooks_user() as user:
        invoice = (await user.an_invoice((await user.a_client())["id"], "100.00"))["id"]

        payment = await user.a_payment(invoice, "130.00")
        after = await user.read(INVOICES, "invoice", invoice)

        assert payment["overpaymentid"] is not None
        assert (after["paid"]["amount"], after["outstanding"]["amount"]) == ("100.00", "0.00")


async def test_payments_outlive_their_invoice_and_invoices_their_client() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        invoice = (await user.an_invoice(client))["id"]
        payment = (await user.a_payment(invoice, "5.00"))["id"]

        await _put(user, INVOICES, "invoice", invoice, vis_state=1)
        await _put(user, CLIENTS, "client", client, vis_state=1)

        assert (await user.read(PAYMENTS, "payment", payment))["vis_state"] == 0


@pytest.mark.parametrize(("noun", "moves"), [("invoice", True), ("estimate", False)])
async def test_an_invoice_moves_its_clients_updated_and_an_estimate_does_not(
    noun: str, *, moves: bool
) -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.set_clock(NOON, stopped=True)
        client = await user.a_client()
        await user.sandbox.control.advance(timedelta(hours=1))

        await user.make(f"{noun}s/{noun}s", noun, customerid=client["id"], create_date="2026-06-29")
        after = await user.read(CLIENTS, "client", client["id"])

        assert (after["updated"] != client["updated"]) is moves


async def test_an_invoice_keeps_the_name_it_was_made_with() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client(organization="Old Ltd"))["id"]
        invoice = (await user.an_invoice(client))["id"]

        await _put(user, CLIENTS, "client", client, organization="New Ltd")
        after = await user.read(INVOICES, "invoice", invoice)

        assert (after["organization"], after["current_organization"]) == ("Old Ltd", "New Ltd")


async def test_lines_discount_and_taxes_come_to_the_documented_sum() -> None:
    lines = [
        {"name": "Bowls", "qty": "4", "unit_cost": {"amount": "5.00"}, "taxName1": "HST", "taxAmount1": "13"},
        {"name": "Mugs", "qty": 6, "unit_cost": {"amount": "4.00"}},
    ]
    async with freshbooks_user() as user:
        client = (await user.a_client(currency_code="CAD"))["id"]

        made = await user.an_invoice(client, lines=lines, discount_value="10")
        full = await user.read(INVOICES, "invoice", made["id"], "lines")

        assert made["amount"] == {"amount": "41.94", "code": "CAD"}
        assert made["discount_total"]["amount"] == "-4.40"
        assert "lines" not in made
        assert [line["amount"]["amount"] for line in full["lines"]] == ["20.00", "24.00"]
        assert [line["lineid"] for line in full["lines"]] == [1, 2]


async def test_an_invoice_becomes_overdue_by_the_clock_alone() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.set_clock(NOON, stopped=True)
        client = (await user.a_client())["id"]
        invoice = await user.an_invoice(client, create_date="2026-06-29", due_offset_days=10)
        await user.sandbox.control.advance(timedelta(days=12))
        await user.consent()

        late = await user.read(INVOICES, "invoice", invoice["id"])

        assert (invoice["v3_status"], late["v3_status"]) == ("sent", "overdue")
        assert late["version"] == invoice["version"]


async def test_balances_are_shown_per_currency_when_asked_for() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        await user.an_invoice(client, "10.00")
        await user.an_invoice(client, "7.00", currency_code="EUR")
        await user.an_invoice(client, "99.00", status=1)

        shown = await user.read(CLIENTS, "client", client, "outstanding_balance", "draft_balance")

        owed = {one["amount"]["code"]: one["amount"]["amount"] for one in shown["outstanding_balance"]}
        assert owed == {"USD": "10.00", "EUR": "7.00"}
        assert shown["draft_balance"] == [{"amount": {"amount": "99.00", "code": "USD"}}]
