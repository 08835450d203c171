"""What no client should send: Salesforce refuses it with a code, and is none the worse for it."""

from typing import Any

import pytest

from tests.builders.salesforce_user import KEY, SalesforceUser, an_account, an_opportunity, salesforce_user

NESTED: dict[str, list[int]] = {"a": []}


async def refused(user: SalesforceUser, method: str, path: str, body: Any = None) -> str:
    """Return the code with which a request is refused."""
    seen = await user.call(method, path, body)
    assert seen.status == 400, seen.body
    return str(seen.body[0]["errorCode"])


@pytest.mark.parametrize("value", [NESTED, [1]])
async def test_a_key_is_a_plain_value(value: object) -> None:
    async with salesforce_user() as user:
        rows = {"records": [{"attributes": {"type": "Account"}, **an_account(), KEY: value}]}
        told = await refused(user, "PATCH", f"composite/sobjects/Account/{KEY}", rows)
        parent = {"LastName": "x", "Account": {KEY: value}}

        assert told == "JSON_PARSER_ERROR"
        assert await refused(user, "POST", "sobjects/Contact", parent) == "JSON_PARSER_ERROR"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("composite", {"compositeRequest": [{"method": 1, "url": "/limits", "referenceId": "a"}]}),
        ("composite/batch", {"batchRequests": [{"method": "GET", "url": NESTED}]}),
        ("composite/sobjects/Account", {"ids": 5, "fields": ["Id"]}),
        ("composite/sobjects/Account", {"ids": [], "fields": [NESTED]}),
    ],
)
async def test_the_parts_of_a_composite_request_are_texts(path: str, body: Any) -> None:
    async with salesforce_user() as user:
        assert await refused(user, "POST", path, body) == "JSON_PARSER_ERROR"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("AnnualRevenue LIKE '1%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("CreatedDate LIKE TODAY", "INVALID_QUERY_FILTER_OPERATOR"),
        ("AnnualRevenue = TODAY", "INVALID_FIELD"),
        ("CreatedDate = LAST_N_DAYS:99999999", "MALFORMED_QUERY"),
    ],
)
async def test_a_condition_must_suit_its_field(condition: str, code: str) -> None:
    async with salesforce_user() as user:
        seen = await user.query(f"SELECT Id FROM Account WHERE {condition}")  # that is the point

        assert (seen.status, seen.body[0]["errorCode"]) == (400, code)


async def test_a_probability_that_is_cleared_is_that_of_the_stage_again() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(Probability=33, Amount=100))

        seen = await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"Probability": None})

        row = await user.row("Opportunity", row_id)
        assert (seen.status, row["Probability"], row["ExpectedRevenue"]) == (204, 10.0, 10.0)
