"""What a consent brought ends at FreshBooks where it is not joined: nobody else knows those tokens."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.connect import revoking
from app.connect.consent import pasted
from app.connect.freshbooks import OtherAccount, Urls, join, trade, with_urls
from app.connect.revoking import BY_HAND, Unjoined
from app.freshbooks.oauth import Tokens
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import Permanent, Unreachable
from streams.domain.identity import AccountId
from tests.builders.installation import Installation, connected, installed
from tests.builders.vault import ACME, KEY, OTHER_KEY, a_sealer

AWAY = Unreachable("Kafka", "away")


async def another_accounts(acme: Installation) -> None:
    """Have the connection joined to an account that this user cannot read."""
    acme.connections[ACME] = Connection(name=ACME, freshbooks_account_id=AccountId("other1"))


async def traded(acme: Installation) -> tuple[Connection, Tokens, Any]:
    at = with_urls(acme.registry.taken(ACME), Urls(acme.sandbox.url, acme.sandbox.url), allow_http=True)
    code = pasted(acme.app, await acme.consented())
    tokens, found = await trade(acme.registry, acme.session, at, acme.app, code)
    return at, tokens, found[0]


def living(acme: Installation) -> int:
    """How many refresh tokens could be used now."""
    return len(acme.sandbox.freshbooks.tokens._refresh)


async def test_the_tokens_of_a_consent_for_another_account_are_revoked_and_that_is_said() -> None:
    async with installed() as acme:
        await another_accounts(acme)

        with pytest.raises(OtherAccount, match="which this user cannot read") as refused:
            await acme.connect()

        assert living(acme) == 0
        assert refused.value.mend.endswith("; tokens of a consent that came to nothing were revoked")
        assert acme.audit[-1].rule == "tokens of a consent that came to nothing were revoked"


async def test_the_tokens_of_a_user_of_whom_freshbooks_tells_nothing_are_revoked() -> None:
    async with installed() as acme:
        broken = Rule(kind=FaultKind.ANSWER, status=503, path="*/users/me")
        await acme.sandbox.control.faults(Faults(rules=(broken,)))

        with pytest.raises(Unreachable):
            await acme.connect()

        assert living(acme) == 0


async def test_tokens_that_freshbooks_does_not_revoke_are_a_person_s_to_end_and_the_audit_says_so() -> None:
    async with installed() as acme:
        await another_accounts(acme)
        down = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/revoke")
        await acme.sandbox.control.faults(Faults(rules=(down,)))

        with pytest.raises(OtherAccount) as refused:
            await acme.connect()

        assert BY_HAND in refused.value.mend
        assert acme.audit[-1].verdict is Verdict.IGNORED
        assert "could not be revoked" in acme.audit[-1].rule


async def test_an_access_token_ends_though_its_refresh_token_could_not_be_ended() -> None:
    async with installed() as acme:
        at, tokens, _ = await traded(acme)
        once = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/revoke", next=1)
        await acme.sandbox.control.faults(Faults(rules=(once,)))

        said = await Unjoined(acme.registry, acme.session, at, acme.app, tokens).forget()

        assert acme.sandbox.freshbooks.tokens.scopes_of(tokens.access.get_secret_value()) is None
        assert (living(acme), BY_HAND in said) == (1, True)


async def test_an_access_token_ends_though_freshbooks_says_nothing_of_its_refresh_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with installed() as acme:
        at, tokens, _ = await traded(acme)
        monkeypatch.setattr(revoking, "EACH", 0.3)
        once = Rule(kind=FaultKind.HANG, seconds=5, method="POST", path="*/oauth/revoke", next=1)
        await acme.sandbox.control.faults(Faults(rules=(once,)))

        said = await Unjoined(acme.registry, acme.session, at, acme.app, tokens).forget()

        assert acme.sandbox.freshbooks.tokens.scopes_of(tokens.access.get_secret_value()) is None
        assert BY_HAND in said


async def test_tokens_that_were_joined_all_the_same_stay_alive() -> None:
    async with installed() as acme:
        at, tokens, account = await traded(acme)
        await join(acme.registry, at, acme.app, tokens, account)

        said = await Unjoined(acme.registry, acme.session, at, acme.app, tokens).forget()

        assert (said, living(acme)) == ("", 1)


async def test_tokens_that_may_be_those_of_a_grant_whose_key_is_not_here_are_not_revoked() -> None:
    async with installed() as acme:
        at, tokens, account = await traded(acme)
        await join(acme.registry, at, acme.app, tokens, account)
        acme.registry.grants.sealer = a_sealer(OTHER_KEY)

        said = await Unjoined(acme.registry, acme.session, at, acme.app, tokens).forget()

        assert living(acme) == 1
        assert "could not be revoked" in said
        assert KEY.id in acme.audit[-1].rule


async def test_tokens_that_may_stand_in_kafka_are_not_revoked() -> None:
    async with installed() as acme:
        at, tokens, account = await traded(acme)
        unjoined = Unjoined(acme.registry, acme.session, at, acme.app, tokens)

        async def away(*_: object) -> None:
            raise AWAY

        with pytest.raises(Unreachable):
            async with unjoined.revoked_on(Permanent):
                await join(replace(acme.registry, write=away), at, acme.app, tokens, account)

        assert living(acme) == 1


async def test_whoever_leaves_before_choosing_an_account_leaves_no_tokens_behind() -> None:
    async with installed() as acme:
        at, tokens, _ = await traded(acme)
        unjoined = Unjoined(acme.registry, acme.session, at, acme.app, tokens)

        async def choosing() -> None:
            async with unjoined.revoked_on(asyncio.CancelledError):
                await asyncio.Event().wait()

        waits = asyncio.create_task(choosing())
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)

        assert (waits.cancelled(), living(acme)) == (True, 0)


async def test_the_tokens_in_use_survive_a_consent_that_is_refused() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"freshbooks_account_id": "other1"})

        with pytest.raises(OtherAccount):
            await acme.connect()

        assert (await acme.tokens.renew(ACME, 1)).generation == 2
