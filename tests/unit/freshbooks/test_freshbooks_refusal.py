import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.freshbooks.refusal import refusal
from app.freshbooks.refused import ConsentNeeded, Missing, NoSuchAddress
from streams.domain.errors import (
    FreshforceError,
    Misconfigured,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures" / "freshbooks" / "errors.json"


def accounting(errno: int, about: str = "client", **more: Any) -> dict[str, Any]:
    error = {"errno": errno, "field": "userid", "message": "canary", "object": about, "value": "canary"}
    return {"response": {"errors": [error | more]}}


def rpc(reason: str, about: str = "client") -> dict[str, Any]:
    metadata = {"object": about, "message": "canary", "value": "canary", "field": "userid"}
    return {"code": 5, "message": "Request failed", "details": [{"reason": reason, "metadata": metadata}]}


SCOPE = {"message": "Insufficient scope: got user:profile:read, need user:invoices:read"}


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (404, accounting(1012), Missing, "not-found"),
        (404, accounting(1011), Missing, "not-found"),
        (200, accounting(1012), Missing, "not-found"),
        (404, {"response": {"errors": accounting(1012)["response"]["errors"][0]}}, Missing, "not-found"),
        (404, rpc("1012"), Missing, "not-found"),
        (404, accounting(1012, "account"), NoSuchAddress, "no-such-address"),
        (404, accounting(1012, ""), NoSuchAddress, "no-such-address"),
        (
            404,
            {"errno": 404, "message": "Requested resource could not be found."},
            NoSuchAddress,
            "no-such-address",
        ),
        (404, {"error": "Requested resource could not be found."}, NoSuchAddress, "no-such-address"),
        (404, None, NoSuchAddress, "no-such-address"),
        (401, rpc("1003"), Unauthorized, "unauthorized"),
        (401, {"error": "unauthenticated", "error_description": "…"}, Unauthorized, "unauthorized"),
        (401, {"errno": 401, "message": "invalid_token: …"}, Unauthorized, "unauthorized"),
        (404, {"errno": 401, "message": "invalid_token: …"}, Unauthorized, "unauthorized"),
        (401, None, Unauthorized, "unauthorized"),
        (400, {"error": "invalid_grant", "error_description": "…"}, ConsentNeeded, "needs-consent"),
        (401, {"error": "invalid_client"}, Misconfigured, "bad-client"),
        (403, SCOPE, Misconfigured, "missing-scope"),
        (403, {"errno": 1003, "message": "Permission Denied"}, Misconfigured, "permission-denied"),
        (403, None, Misconfigured, "permission-denied"),
        (200, accounting(12001, ""), Misconfigured, "permission-denied"),
        (200, accounting(1003, ""), Misconfigured, "permission-denied"),
        (409, accounting(409), Unreachable, "unreachable"),
        (422, accounting(409), Unreachable, "unreachable"),
        (422, accounting(1001), Refused, "refused"),
        (400, {"errno": 422, "details": ["event: Value error, canary", "uri: canary"]}, Refused, "refused"),
        (
            400,
            {"code": 3, "message": "x", "details": [{"fieldViolations": [{"field": "event"}]}]},
            Refused,
            "refused",
        ),
        (200, {"response": {"errors": []}}, Refused, "refused"),
        (429, None, RateLimited, "rate-limited"),
        (500, accounting(500), Unreachable, "unreachable"),
        (502, None, Unreachable, "unreachable"),
        (503, accounting(1012), Unreachable, "unreachable"),
        (302, None, Misconfigured, "redirected"),
        (418, None, Refused, "refused"),
        (404, {"error_type": "not_found", "message": "canary"}, NoSuchAddress, "no-such-address"),
        (400, {"errno": 2001, "error": {"title": "canary"}}, Refused, "refused"),
    ],
)
def test_each_refusal_has_one_meaning(
    status: int, body: dict[str, Any] | None, error: type[FreshforceError], code: str
) -> None:
    found = refusal(status, body)

    assert type(found) is error
    assert found.code == code
    assert "canary" not in str(found)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")
def test_each_recorded_error_is_an_error() -> None:
    recorded = json.loads(FIXTURES.read_text())

    assert all(refusal(each["http_status"] or 401, each["body"]) for each in recorded)


@pytest.mark.parametrize("body", [{"response": {"result": {}}}, {"access_token": "x"}, {}])
def test_an_answer_is_no_error(body: dict[str, Any]) -> None:
    assert refusal(200, body, retry_after="59") is None


@pytest.mark.parametrize(
    ("sent", "seconds"), [("7", 7), ("", 10), ("0", 1), ("soon", 10), ("999999", 3600), ("-5", 10)]
)
def test_a_rate_limit_says_how_long_to_wait(sent: str, seconds: int) -> None:
    found = refusal(429, None, sent)

    assert isinstance(found, RateLimited)
    assert found.retry_after == timedelta(seconds=seconds)


def test_a_missing_scope_is_named_with_the_mend() -> None:
    found = refusal(403, SCOPE)

    assert isinstance(found, Misconfigured)
    assert "user:invoices:read" in str(found)
    assert "connect freshbooks" in found.mend


def test_a_validation_error_names_the_fields() -> None:
    found = refusal(400, {"errno": 422, "details": ["event: Unrecognized event.", "uri: relative URL"]})

    assert str(found).endswith("fields: event, uri")


def test_a_field_name_that_is_none_is_not_repeated() -> None:
    found = refusal(422, accounting(1004, field="Mrs. Canary lives here"))

    assert "Canary" not in str(found)
