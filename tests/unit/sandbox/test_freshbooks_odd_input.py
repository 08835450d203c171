"""What no client should send: FreshBooks refuses it in words, and nothing of it stays in the books."""

from typing import Any

import pytest

from app.sandbox.faults import FaultKind, Faults, Rule
from tests.builders.freshbooks_user import freshbooks_user

CLIENTS, INVOICES, PAYMENTS = "users/clients", "invoices/invoices", "payments/payments"


@pytest.mark.parametrize(
    ("fields", "errno"),
    [
        ({"vis_state": []}, 1004),
        ({"status": {}}, 1004),
        ({"due_offset_days": 10**9}, 1004),
        ({"due_offset_days": "9" * 5000}, 1015),
        ({"create_date": "20240101"}, 1033),
        ({"notes": {"text": "x"}}, 1006),
        ({"organization": []}, 1006),
        ({"invoice_number": {}}, 1006),
        ({"lines": [{"name": []}]}, 1006),
        ({"lines": [{"unit_cost": {"amount": "1e400"}}]}, 1015),
    ],
)
async def test_an_odd_value_is_refused_and_the_invoice_stays_as_it_was(
    fields: dict[str, Any], errno: int
) -> None:
    async with freshbooks_user() as user:
        invoice = await user.an_invoice((await user.a_client())["id"])

        status, body = await user.accounting("PUT", f"{INVOICES}/{invoice['id']}", {"invoice": fields})

        assert (status, body["response"]["errors"][0]["errno"]) == (422, errno)
        assert await user.read(INVOICES, "invoice", invoice["id"]) == invoice


async def test_numbers_and_nulls_are_taken_for_texts() -> None:
    async with freshbooks_user() as user:
        client = await user.a_client(organization=7, fname=None)

        assert (client["organization"], client["fname"]) == ("7", "")


@pytest.mark.parametrize(
    ("place", "query", "errno"),
    [
        (PAYMENTS, {"search[amount_min]": "NaN"}, 1024),
        (INVOICES, {"search[updated_min]": "2026-W01-1"}, 1023),
        (CLIENTS, {"page": "9" * 5000}, 1014),
    ],
)
async def test_an_odd_filter_is_refused(place: str, query: dict[str, str], errno: int) -> None:
    async with freshbooks_user() as user:
        status, body = await user.accounting("GET", place, query=query)

        assert (status, body["response"]["errors"][0]["errno"]) == (422, errno)


async def test_an_address_that_is_none_is_refused_as_a_callback() -> None:
    async with freshbooks_user() as user:
        status, body = await user.events("POST", body={"callback": {"event": "invoice", "uri": "http://["}})

        assert (status, body["errno"]) == (400, 422)


@pytest.mark.parametrize("kind", [FaultKind.ANSWER, FaultKind.HTML])
async def test_a_fault_may_have_a_status_without_a_name(kind: FaultKind) -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.faults(Faults(rules=(Rule(kind=kind, status=420),)))

        url = f"{user.sandbox.url}/accounting/account/{user.sandbox.account_id}/{CLIENTS}"
        async with user.session.get(url) as answer:
            assert answer.status == 420


async def test_the_payment_gateway_has_a_shape_of_its_own() -> None:
    async with freshbooks_user() as user:
        status, body = await user.ask("GET", "/payments/account/x/gateways")

        missing = {"error_type": "not_found", "message": "Requested resource could not be found."}
        assert (status, body) == (404, missing)
