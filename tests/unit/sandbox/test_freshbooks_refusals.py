from typing import Any

import pytest

from app.sandbox.freshbooks import Profile
from app.sandbox.freshbooks.switches import Switches
from tests.builders.freshbooks_user import freshbooks_user

CLIENTS, INVOICES, PAYMENTS = "users/clients", "invoices/invoices", "payments/payments"


@pytest.mark.parametrize("switch", ["current", "rpc"])
async def test_an_unknown_object_is_a_404_in_the_shape_in_force(switch: str) -> None:
    profile = Profile(switches=Switches.model_validate({"error_shape": switch}))
    async with freshbooks_user(profile=profile) as user:
        status, body = await user.accounting("GET", f"{CLIENTS}/12345")

        assert status == 404
        if switch == "current":
            error = {"errno": 1012, "field": "userid", "message": "Client not found."}
            assert body == {"response": {"errors": [error | {"object": "client", "value": "12345"}]}}
        else:
            assert body["details"][0]["reason"] == "1012"
            assert body["details"][0]["metadata"]["field"] == "userid"


async def test_errors_may_be_a_single_object() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(single_error_object=True))) as user:
        _, body = await user.accounting("GET", f"{CLIENTS}/12345")

        assert body["response"]["errors"]["errno"] == 1012


async def test_what_the_plan_does_not_include_is_refused_with_a_200() -> None:
    async with freshbooks_user() as user:
        status, body = await user.accounting("GET", "items/items")

        assert (status, body["response"]["errors"][0]["errno"]) == (200, 12001)


@pytest.mark.parametrize(
    "path", ["/accounting/account/wrong/users/clients", "/accounting/account/{id}/moons/moons"]
)
async def test_a_wrong_account_or_resource_is_a_404(path: str) -> None:
    async with freshbooks_user() as user:
        status, body = await user.ask("GET", path.format(id=user.sandbox.account_id))

        assert (status, body["response"]["errors"][0]["errno"]) == (404, 1012)


async def test_without_a_token_nothing_is_told() -> None:
    async with freshbooks_user() as user:
        user.access_token = "stolen"

        assert (await user.accounting("GET", CLIENTS))[0] == 401
        status, body = await user.events("GET")
        assert (status, body["errno"]) == (401, 401)
        assert "invalid_token" in body["message"]


@pytest.mark.parametrize(
    ("field", "value", "errno"),
    [("create_date", "tomorrow", 1033), ("customerid", 1, 1012), ("discount_value", "much", 1015)],
)
async def test_a_wrong_value_is_refused_by_number(field: str, value: Any, errno: int) -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        body = {"invoice": {"customerid": client, "create_date": "2026-05-01"} | {field: value}}

        status, answer = await user.accounting("POST", INVOICES, body)

        assert (status, answer["response"]["errors"][0]["errno"]) == (422, errno)
        assert answer["response"]["errors"][0]["field"] == field


async def test_a_body_that_is_not_json_is_refused() -> None:
    async with freshbooks_user() as user:
        status, body = await user.accounting("POST", CLIENTS, ["client"])

        assert (status, body["response"]["errors"][0]["errno"]) == (400, 1005)


async def test_above_the_rate_comes_429_with_retry_after() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(requests_per_second=3))) as user:
        statuses = [(await user.accounting("GET", CLIENTS))[0] for _ in range(6)]

        assert statuses[0] == 200
        assert 429 in statuses
