from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from app.connect.consent import ForeignState, ask_consent, pasted, redirect_uri
from app.freshbooks.oauth import OAuthApp, challenge
from streams.domain.errors import Misconfigured, Refused

APP = OAuthApp("1a2b", SecretStr("canary"), "https://freshforce.example/oauth/freshbooks/callback")
OTHER = OAuthApp("3c4d", SecretStr("other"), APP.redirect_uri)
AUTH = "https://auth.freshbooks.com"
CONSENT = ask_consent(APP, AUTH, b"n" * 16)


def asked(name: str) -> str:
    return parse_qs(urlsplit(CONSENT.url).query)[name][0]


def came_back(state: str, code: str = "c0de") -> str:
    return f"{APP.redirect_uri}?code={code}&state={state}"


def test_the_pasted_address_gives_code_and_the_verifier_of_the_challenge() -> None:
    found = pasted(APP, came_back(CONSENT.state), CONSENT.state)

    assert found.code == "c0de"
    assert found.pkce is not None
    assert challenge(found.pkce) == asked("code_challenge")


def test_a_second_run_of_the_command_finds_the_same_verifier() -> None:
    found = pasted(APP, came_back(CONSENT.state))

    assert found == pasted(APP, came_back(CONSENT.state), CONSENT.state)


def test_a_bare_code_belongs_to_the_state_just_given() -> None:
    assert pasted(APP, " c0de\n", CONSENT.state) == pasted(APP, came_back(CONSENT.state))


def test_a_bare_code_without_state_has_no_verifier() -> None:
    assert pasted(APP, "c0de").pkce is None


@pytest.mark.parametrize("state", ["", "made-up", "6e6e.00", ask_consent(OTHER, AUTH, b"n" * 16).state, "é"])
def test_an_address_with_a_state_that_is_not_ours_is_refused(state: str) -> None:
    with pytest.raises(ForeignState):
        pasted(APP, came_back(state))


def test_an_older_state_of_ours_is_not_the_one_just_given() -> None:
    older = ask_consent(APP, AUTH, b"o" * 16).state

    with pytest.raises(ForeignState):
        pasted(APP, came_back(older), CONSENT.state)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{APP.redirect_uri}?error=access_denied&state={CONSENT.state}", "consent-denied"),
        (f"{APP.redirect_uri}?state={CONSENT.state}", "no-code"),
        ("", "no-code"),
        ("two words", "no-code"),
    ],
)
def test_what_holds_no_code_says_so(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        pasted(APP, text, CONSENT.state)

    assert refused.value.code == code


def test_no_secret_is_in_the_address() -> None:
    assert "canary" not in CONSENT.url
    assert str(pasted(APP, "c", CONSENT.state).pkce) not in CONSENT.url


def test_the_redirect_uri_is_the_given_one_else_ours() -> None:
    assert redirect_uri("https://x/y", "https://z") == "https://x/y"
    assert redirect_uri("", "https://z") == "https://z/oauth/freshbooks/callback"
    with pytest.raises(Misconfigured):
        redirect_uri("", "")
