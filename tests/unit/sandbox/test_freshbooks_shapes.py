"""The sandbox's payloads have the keys and the types of the recorded ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders.freshbooks_user import FreshBooksUser, freshbooks_user

FIXTURES = Path(__file__).parents[3].parent / "shared" / "fixtures" / "freshbooks"
pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")


def _recorded(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())["response"]["result"]


def _differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Return where a key is missing or extra, or where the types do not match; null matches all."""
    if ours is None or theirs is None:
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        wrong = [f"{place}.{key}" for key in ours.keys() ^ theirs.keys()]
        shared = ours.keys() & theirs.keys()
        deeper = (_differences(ours[key], theirs[key], f"{place}.{key}") for key in shared)
        return sorted(wrong + [one for found in deeper for one in found])
    return [] if type(ours) is type(theirs) else [f"{place}: {type(ours).__name__}"]


async def _paid_invoice(user: FreshBooksUser) -> tuple[int, int, int]:
    client = (await user.a_client(fname="Ann", email="ann@example.com"))["id"]
    invoice = (await user.an_invoice(client))["id"]
    payment = (await user.a_payment(invoice, "10.00"))["id"]
    return client, invoice, payment


async def test_a_client_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        client, _, _ = await _paid_invoice(user)

        ours = await user.read("users/clients", "client", client)

        assert _differences(ours, _recorded("client_get.json")["client"]) == []


async def test_an_invoice_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        _, invoice, _ = await _paid_invoice(user)

        ours = await user.read("invoices/invoices", "invoice", invoice)

        assert _differences(ours, _recorded("invoices_list.json")["invoices"][0]) == []


async def test_a_line_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        _, invoice, _ = await _paid_invoice(user)

        ours = await user.read("invoices/invoices", "invoice", invoice, "lines")

        theirs = _recorded("invoice_get_with_lines.json")["invoice"]
        assert _differences(ours["lines"][0], theirs["lines"][0]) == []


async def test_a_payment_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        _, _, payment = await _paid_invoice(user)

        ours = await user.read("payments/payments", "payment", payment)

        assert _differences(ours, _recorded("payments_list.json")["payments"][0]) == []


async def test_an_estimate_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        made = await user.make("estimates/estimates", "estimate", customerid=client, create_date="2026-05-01")

        assert _differences(made, _recorded("estimates_list.json")["estimates"][0]) == []


async def test_a_list_of_callbacks_looks_as_recorded() -> None:
    async with freshbooks_user() as user:
        wanted = {"event": "client", "uri": "http://127.0.0.1:1/"}
        await user.events("POST", body={"callback": wanted})

        _, ours = await user.events("GET")

        theirs = _recorded("callbacks_list.json")
        assert _differences(ours["response"]["result"], theirs) == []
        assert _differences(ours["response"]["result"]["callbacks"][0], theirs["callbacks"][0]) == []


def test_a_difference_would_be_noticed() -> None:
    theirs = {"id": 1, "amount": {"amount": "1.00", "code": "USD"}, "note": None}

    found = _differences({"id": "1", "amount": {"amount": "1.00"}, "note": ""}, theirs)

    assert found == [".amount.code", ".id: str"]


async def test_who_i_am_invents_no_key() -> None:
    async with freshbooks_user() as user:
        _, ours = await user.ask("GET", "/auth/api/v1/users/me")

        theirs = json.loads((FIXTURES / "users_me.json").read_text())["response"]
        assert ours["response"].keys() <= theirs.keys()
        business, recorded = (
            one["business_memberships"][0]["business"] for one in (ours["response"], theirs)
        )
        assert business.keys() <= recorded.keys()
