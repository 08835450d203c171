from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientError

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks import Profile
from app.sandbox.freshbooks.switches import Switches
from tests.builders.freshbooks_user import REDIRECT, FreshBooksUser, freshbooks_user

ME = "/auth/api/v1/users/me"


async def _refresh(user: FreshBooksUser, token: str, **more: str) -> tuple[int, dict[str, Any]]:
    return await user.token(grant_type="refresh_token", refresh_token=token, **more)


async def test_the_code_comes_with_the_state_that_was_sent() -> None:
    async with freshbooks_user() as user:
        assert (await user.code(state="a b&c"))["state"] == "a b&c"


async def test_tokens_look_as_freshbooks_tokens_do() -> None:
    async with freshbooks_user() as user:
        code = (await user.code())["code"]
        _, tokens = await user.token(grant_type="authorization_code", code=code)

        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 43200)
        assert tokens["access_token"].count(".") == 2
        assert len(tokens["refresh_token"]) == 64
        assert "user:profile:read" in tokens["scope"].split()


async def test_a_code_works_once() -> None:
    async with freshbooks_user() as user:
        code = (await user.code())["code"]
        first, _ = await user.token(grant_type="authorization_code", code=code)
        second, refusal = await user.token(grant_type="authorization_code", code=code)

        assert (first, second, refusal["error"]) == (200, 400, "invalid_grant")


async def test_a_code_lives_five_minutes() -> None:
    async with freshbooks_user() as user:
        code = (await user.code())["code"]
        await user.sandbox.control.advance(timedelta(minutes=5, seconds=1))
        status, refusal = await user.token(grant_type="authorization_code", code=code)

        assert (status, refusal["error"]) == (400, "invalid_grant")


async def test_a_code_asked_for_with_a_challenge_wants_its_verifier() -> None:
    """The challenge is that of RFC 7636, appendix B."""
    asked = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    async with freshbooks_user() as user:
        codes = [(await user.code(**asked))["code"] for _ in range(3)]
        grant = {"grant_type": "authorization_code"}

        without, refusal = await user.token(**grant, code=codes[0])
        other, _ = await user.token(**grant, code=codes[1], code_verifier=verifier[::-1])
        right, _ = await user.token(**grant, code=codes[2], code_verifier=verifier)

        assert (without, other, right, refusal["error"]) == (400, 400, 200, "invalid_grant")


async def test_where_challenges_do_not_bind_a_code_needs_no_verifier() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(pkce_checked=False))) as user:
        code = (await user.code(code_challenge="x" * 43, code_challenge_method="S256"))["code"]

        status, _ = await user.token(grant_type="authorization_code", code=code)

        assert status == 200


async def test_a_refresh_token_is_rotated_and_its_reuse_is_refused() -> None:
    async with freshbooks_user() as user:
        status, tokens = await _refresh(user, user.refresh_token)
        reused, refusal = await _refresh(user, user.refresh_token)

        assert status == 200
        assert tokens["refresh_token"] != user.refresh_token
        assert (reused, refusal["error"]) == (400, "invalid_grant")


async def test_refreshing_needs_secret_and_redirect_uri() -> None:
    async with freshbooks_user() as user:
        no_secret, refusal = await _refresh(user, user.refresh_token, client_secret="")
        no_uri, missing = await _refresh(user, user.refresh_token, redirect_uri="")
        spared, _ = await _refresh(user, user.refresh_token)

        assert (no_secret, refusal["error"]) == (401, "invalid_client")
        assert (no_uri, missing["error"]) == (400, "invalid_request")
        assert spared == 200


async def test_json_and_basic_credentials_are_taken_too() -> None:
    async with freshbooks_user() as user:
        pair = b64encode(f"{user.sandbox.client_id}:{user.sandbox.client_secret}".encode()).decode()
        body = {"grant_type": "refresh_token", "refresh_token": user.refresh_token, "redirect_uri": REDIRECT}
        headers = {"Authorization": f"Basic {pair}"}
        url = f"{user.sandbox.url}/auth/oauth/token"
        async with user.session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200


async def test_an_access_token_dies_after_twelve_hours_and_refreshing_helps() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.advance(timedelta(hours=12, seconds=1))
        dead, refusal = await user.accounting("GET", "users/clients")
        _, tokens = await _refresh(user, user.refresh_token)
        user.access_token = tokens["access_token"]
        alive, _ = await user.accounting("GET", "users/clients")

        assert (dead, refusal["response"]["errors"][0]["errno"], alive) == (401, 1003, 200)


async def test_tokens_can_be_ended_by_hand() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.expire_tokens()
        assert (await user.ask("GET", ME))[0] == 401
        await user.sandbox.control.revoke_consent()
        assert (await _refresh(user, user.refresh_token))[0] == 400


async def test_a_revoked_token_is_dead_at_once() -> None:
    async with freshbooks_user() as user:
        fields = {"client_id": user.sandbox.client_id, "client_secret": user.sandbox.client_secret}
        form = fields | {"token": user.access_token}
        async with user.session.post(f"{user.sandbox.url}/auth/oauth/revoke", data=form) as answer:
            assert (answer.status, await answer.json()) == (200, {})

        status, refusal = await user.ask("GET", ME)
        assert (status, refusal["error"]) == (401, "unauthenticated")


async def test_users_me_has_no_result_level_and_says_nothing_to_wait_for() -> None:
    async with freshbooks_user() as user:
        headers = {"Authorization": f"Bearer {user.access_token}"}
        async with user.session.get(user.sandbox.url + ME, headers=headers) as answer:
            me = (await answer.json())["response"]

            assert (answer.status, answer.headers["Retry-After"]) == (200, "59")
        assert me["business_memberships"][0]["business"]["account_id"] == user.sandbox.account_id
        assert me["business_memberships"][0]["id"] != me["business_memberships"][0]["business"]["id"]


async def test_the_account_id_may_be_known_from_the_roles_only() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(account_id_null=True))) as user:
        _, me = await user.ask("GET", ME)

        assert me["response"]["business_memberships"][0]["business"]["account_id"] is None
        assert me["response"]["roles"][0]["accountid"] == user.sandbox.account_id


async def test_an_identity_may_have_several_accounts_and_be_a_client_elsewhere() -> None:
    switches = Switches(more_accounts=("aBc123",), client_elsewhere=True, membership_role="contractor")
    async with freshbooks_user(profile=Profile(switches=switches)) as user:
        _, me = await user.ask("GET", ME)

        own = user.sandbox.account_id
        memberships = me["response"]["business_memberships"]
        assert [each["business"]["account_id"] for each in memberships] == [own, "aBc123"]
        assert {each["role"] for each in memberships} == {"contractor"}
        roles = [(each["accountid"], each["role"]) for each in me["response"]["roles"]]
        assert roles == [(own, "admin"), ("aBc123", "admin"), ("e15eWh", "client")]


async def test_a_refresh_whose_answer_got_lost_has_spent_the_token() -> None:
    async with freshbooks_user() as user:
        lost = Rule(kind=FaultKind.LOST_ANSWER, method="POST", path="*/oauth/token", next=1)
        await user.sandbox.control.faults(Faults(rules=(lost,)))
        with pytest.raises(ClientError):
            await _refresh(user, user.refresh_token)

        status, refusal = await _refresh(user, user.refresh_token)

        assert (status, refusal["error"]) == (400, "invalid_grant")


async def test_a_missing_scope_is_a_403_that_names_it() -> None:
    async with freshbooks_user() as user:
        await user.consent(scope="user:clients:read")
        allowed, _ = await user.accounting("GET", "users/clients")
        refused, body = await user.accounting("GET", "invoices/invoices")

        assert (allowed, refused) == (200, 403)
        assert "user:invoices:read" in body["response"]["errors"][0]["message"]


async def test_an_unknown_scope_fails_the_whole_consent() -> None:
    async with freshbooks_user() as user:
        query = {"client_id": user.sandbox.client_id, "response_type": "code", "redirect_uri": REDIRECT}
        url = f"{user.sandbox.url}/oauth/authorize"
        async with user.session.get(url, params=query | {"scope": "user:moon:read"}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "invalid_scope")


async def test_a_second_consent_may_end_the_first() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(second_consent_kills_first=True))) as user:
        first = user.refresh_token
        await user.consent()

        assert (await _refresh(user, first))[0] == 400
        assert (await _refresh(user, user.refresh_token))[0] == 200
