from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from app.freshbooks.oauth import OAuthApp, _tokens, authorization_url, challenge
from app.freshbooks.refused import Unreadable

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
APP = OAuthApp("1a2b", SecretStr("canary"), "https://freshforce.example/oauth/freshbooks/callback")


def answer(**given: Any) -> dict[str, Any]:
    return {
        "access_token": "canary-access",
        "refresh_token": "canary-refresh",
        "token_type": "Bearer",
        "expires_in": 43200,
        "created_at": int(NOW.timestamp()),
        "scope": "user:profile:read user:clients:read",
        "direct_buy_tokens": {},
    } | given


def test_the_consent_page_is_asked_for_a_code_with_state_and_challenge() -> None:
    url = urlsplit(authorization_url("https://auth.freshbooks.com/", APP, "s t", "verifier"))

    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://auth.freshbooks.com/oauth/authorize/"
    assert query["response_type"] == "code"
    assert query["redirect_uri"] == APP.redirect_uri
    assert query["state"] == "s t"
    assert query["code_challenge_method"] == "S256"
    assert "user:invoices:read" in query["scope"].split()
    assert "canary" not in url.geturl()


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("given", "life"),
    [
        ({}, timedelta(hours=12)),
        ({"created_at": int((NOW - timedelta(hours=3)).timestamp())}, timedelta(hours=9)),
        ({"created_at": int((NOW + timedelta(days=1)).timestamp())}, timedelta(hours=12)),
        ({"created_at": None}, timedelta(hours=12)),
        ({"expires_in": 100}, timedelta(seconds=100)),
        ({"created_at": int((NOW - timedelta(days=1)).timestamp())}, timedelta(minutes=5)),
    ],
)
def test_a_token_ends_with_the_earlier_clock_but_never_at_once(
    given: dict[str, Any], life: timedelta
) -> None:
    assert _tokens(answer(**given), NOW).expires_at == NOW + life


@pytest.mark.parametrize("lacking", ["access_token", "refresh_token", "expires_in"])
def test_an_answer_without_tokens_is_unreadable_and_quotes_nothing(lacking: str) -> None:
    with pytest.raises(Unreadable) as refused:
        _tokens(answer(**{lacking: ""}), NOW)

    assert lacking in str(refused.value)
    assert "canary" not in str(refused.value)


def test_tokens_print_as_stars() -> None:
    assert "canary" not in repr(_tokens(answer(), NOW))
    assert "canary" not in repr(APP)
