from base64 import b64encode
from datetime import timedelta

import pytest

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.auth import AuthTrouble
from tests.builders.salesforce_user import salesforce_user

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


async def test_a_token_answer_has_the_keys_of_the_vendors_sample_and_no_others() -> None:
    async with salesforce_user() as user:
        seen = await user.ask_token()

        assert seen.status == 200
        assert set(seen.body) == {
            "access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
        }  # fmt: skip
        assert seen.body["instance_url"] == user.sandbox.url
        assert seen.body["token_type"] == "Bearer"
        assert seen.body["access_token"].startswith("00D")
        assert "!" in seen.body["access_token"]
        assert seen.body["issued_at"].isdigit()
        assert len(seen.body["issued_at"]) == 13


async def test_credentials_may_come_as_basic_authorization() -> None:
    async with salesforce_user() as user:
        pair = f"{user.sandbox.client_id}:{user.sandbox.client_secret}".encode()
        basic = {"Authorization": f"Basic {b64encode(pair).decode()}"}

        seen = await user.form("/services/oauth2/token", {"grant_type": "client_credentials"}, basic)

        assert seen.status == 200


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"client_id": "3MVG9other"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "password"}, "unsupported_grant_type", "grant type not supported"),
    ],
)
async def test_wrong_credentials_are_a_400_with_an_object(
    form: dict[str, str], error: str, description: str
) -> None:
    async with salesforce_user() as user:
        seen = await user.ask_token(**form)

        assert (seen.status, seen.body) == (400, {"error": error, "error_description": description})


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (AuthTrouble.NO_RUN_AS_USER, "invalid_grant"),
        (AuthTrouble.WRONG_HOST, "invalid_grant"),
        (AuthTrouble.FLOW_OFF, "unsupported_grant_type"),
        (AuthTrouble.NOT_APPROVED, "invalid_app_access"),
        (AuthTrouble.INACTIVE_USER, "inactive_user"),
        (AuthTrouble.RATE, "rate_limit_exceeded"),
    ],
)
async def test_what_an_admin_forgot_is_said_in_the_vendors_words(trouble: AuthTrouble, error: str) -> None:
    async with salesforce_user() as user:
        user.sandbox.control.auth(trouble)

        seen = await user.ask_token()

        assert (seen.status, seen.body) == (400, {"error": error, "error_description": trouble.value})


@pytest.mark.parametrize("token", ["", "00Dnothing!AQEA"])
async def test_a_call_without_a_live_session_is_401_with_an_array(token: str) -> None:
    async with salesforce_user() as user:
        user.token = token

        seen = await user.call("GET", "sobjects")

        assert (seen.status, seen.body) == (401, EXPIRED)
        assert "Sforce-Limit-Info" in seen.headers


async def test_each_call_prolongs_a_session_and_silence_ends_it() -> None:
    async with salesforce_user() as user:
        control = user.sandbox.control
        control.advance(timedelta(minutes=119))
        used = await user.call("GET", "limits")
        control.advance(timedelta(minutes=119))
        prolonged = await user.call("GET", "limits")
        control.advance(timedelta(minutes=120))

        left_alone = await user.call("GET", "limits")

        assert (used.status, prolonged.status, left_alone.status) == (200, 200, 401)


async def test_a_revoked_session_is_over_and_a_new_login_helps() -> None:
    async with salesforce_user() as user:
        assert user.sandbox.control.revoke_sessions() == 1
        revoked = await user.call("GET", "limits")
        await user.login()

        again = await user.call("GET", "limits")

        assert (revoked.status, again.status) == (401, 200)


async def test_introspection_tells_when_a_session_ends_without_prolonging_it() -> None:
    async with salesforce_user() as user:
        form = {
            "token": user.token,
            "client_id": user.sandbox.client_id,
            "client_secret": user.sandbox.client_secret,
        }
        before = await user.form("/services/oauth2/introspect", form)
        user.sandbox.control.advance(timedelta(hours=1))
        later = await user.form("/services/oauth2/introspect", form)
        user.sandbox.control.revoke_sessions()

        after = await user.form("/services/oauth2/introspect", form)

        assert before.body["active"] is True
        assert before.body["exp"] == later.body["exp"]
        assert before.body["exp"] - before.body["iat"] == 7200
        assert after.body == {"active": False}


async def test_a_token_may_be_revoked_by_its_owner() -> None:
    async with salesforce_user() as user:
        await user.form("/services/oauth2/revoke", {"token": user.token})

        assert (await user.call("GET", "limits")).status == 401


async def test_the_same_seed_gives_the_same_credentials_and_tokens() -> None:
    async with (
        salesforce_user(seed=3) as one,
        salesforce_user(seed=3) as same,
        salesforce_user(seed=4) as other,
    ):
        assert (one.sandbox.client_secret, one.token) == (same.sandbox.client_secret, same.token)
        assert one.token != other.token


async def test_a_login_refused_by_a_fault_is_worded_as_oauth_words_it() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(Faults(rules=(Rule(kind=FaultKind.ANSWER, status=500, path="*/token"),)))

        seen = await user.ask_token()

        assert seen.status == 500
        assert seen.body["error"] == "unknown_exception"
