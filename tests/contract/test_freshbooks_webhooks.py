"""Callbacks and their handshakes, against the sandbox over HTTP."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.connect.callbacks import NOUNS, Standing, uri_of
from app.freshbooks.callbacks import Callbacks, Registered
from app.freshbooks.door import Door
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.switches import HandshakeTime
from app.vault.grants import Callback, WebhooksGrant
from streams.domain.errors import Unreachable
from streams.domain.grant import Sealed, Side
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME

AWAY = Unreachable("Kafka", "away")


def ours(acme: Installation) -> WebhooksGrant:
    held = acme.registry.grants.held(WebhooksGrant, ACME, Side.WEBHOOKS)
    return WebhooksGrant() if held is None else held.grant


async def theirs(acme: Installation) -> list[Registered]:
    return [each async for each in (await callbacks(acme)).every()]


async def callbacks(acme: Installation) -> Callbacks:
    token = await acme.tokens.freshbooks(ACME)
    account = acme.connection.freshbooks_account_id
    assert account is not None
    return Callbacks(Door(acme.session, acme.sandbox.url), account, token.secret)


def well(found: tuple[Standing, ...]) -> bool:
    return [each.event for each in found if each.well] == list(NOUNS)


async def register(acme: Installation, patience: float = 8.0) -> tuple[Standing, ...]:
    return await acme.webhooks.register(acme.url, patience)


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"handshake_time": HandshakeTime.BEFORE},
        {"callback_id_key": "id", "callback_times_eastern": True},
        {"handshake_signed": False, "handshake_has_system": False},
        {"error_shape": "rpc"},
    ],
)
async def test_every_noun_gets_a_verified_callback(switches: dict[str, Any]) -> None:
    async with connected() as acme:
        await acme.sandbox.control.switches(**switches)

        assert well(await register(acme))
        assert all(each.callback_id and each.verifier for each in ours(acme).callbacks)
        assert len(await theirs(acme)) == 3


async def test_registering_again_changes_nothing() -> None:
    async with connected() as acme:
        await register(acme)
        before, posts = ours(acme), len(acme.handshakes)

        assert well(await register(acme))
        assert ours(acme) == before
        assert len(acme.handshakes) == posts


async def test_of_two_who_register_at_once_neither_leaves_callbacks_that_nobody_knows() -> None:
    async with connected() as acme:
        await asyncio.gather(register(acme), register(acme))

        known = {each.uri for each in ours(acme).callbacks}
        assert {each.uri for each in await theirs(acme)} == known
        assert well(await register(acme))
        assert len(await theirs(acme)) == 3


async def test_a_callback_that_somebody_else_writes_down_at_the_same_moment_is_not_written_over() -> None:
    async with connected() as acme:
        path, grants = "ab" * 16, acme.registry.grants
        another = Callback(path=path, event="client", uri=uri_of(acme.url, path))
        write = grants.write

        async def beaten(sealed: Sealed) -> None:
            grants.write = write
            first = WebhooksGrant(callbacks=(another,))
            await acme.registry.replace(acme.connection, first, Side.WEBHOOKS, "somebody was first")
            await write(sealed)

        grants.write = beaten

        assert well(await register(acme))

        assert ours(acme).callbacks[0].path == path
        assert {each.uri for each in await theirs(acme)} == {each.uri for each in ours(acme).callbacks}


async def test_whoever_dies_while_callbacks_move_to_another_address_leaves_none_at_the_old_one() -> None:
    async with connected() as acme:
        await register(acme)
        grants, elsewhere = acme.registry.grants, acme.url.replace("127.0.0.1", "localhost")
        write = grants.write

        async def dies(sealed: Sealed) -> None:
            await write(sealed)
            raise AWAY

        grants.write = dies
        with pytest.raises(Unreachable):
            await acme.webhooks.register(elsewhere, 8.0)
        grants.write = write

        assert well(await acme.webhooks.register(elsewhere, 8.0))
        assert {each.uri for each in await theirs(acme)} == {each.uri for each in ours(acme).callbacks}


async def test_a_handshake_that_nobody_heard_is_asked_for_again() -> None:
    async with connected() as acme:
        acme.deaf = True
        assert not well(await register(acme, patience=0.5))

        acme.deaf = False
        assert well(await register(acme))
        assert len(await theirs(acme)) == 3


async def test_what_was_lost_at_freshbooks_is_registered_anew_at_the_same_path() -> None:
    async with connected() as acme:
        await register(acme)
        paths = [each.path for each in ours(acme).callbacks]
        await (await callbacks(acme)).delete((await theirs(acme))[0].id)

        assert well(await register(acme))
        assert [each.path for each in ours(acme).callbacks] == paths
        assert len(await theirs(acme)) == 3


async def test_a_new_verifier_keeps_the_old_one_for_a_while() -> None:
    async with connected() as acme:
        await register(acme)
        lost = (await theirs(acme))[0]
        before = next(each for each in ours(acme).callbacks if each.callback_id == lost.id)
        await (await callbacks(acme)).delete(lost.id)
        await register(acme)

        after = ours(acme).at(before.path)

        assert after is not None
        assert after.previous == before.verifier
        assert after.verifier != before.verifier
        assert after.previous_until is not None


async def test_another_public_url_moves_the_callbacks() -> None:
    async with connected() as acme:
        await register(acme)

        await acme.webhooks.register(acme.url.replace("127.0.0.1", "localhost"), 8.0)

        assert {each.uri.split("/")[2].split(":")[0] for each in await theirs(acme)} == {"localhost"}
        assert len(await theirs(acme)) == 3


async def test_removed_callbacks_are_gone_on_both_sides() -> None:
    async with connected() as acme:
        await register(acme)

        assert well((await acme.webhooks.remove()).callbacks)

        assert await theirs(acme) == []
        assert ours(acme).callbacks == ()
        assert (await acme.webhooks.remove()).callbacks == ()


async def test_callbacks_that_somebody_registers_while_others_are_removed_do_not_stay_at_freshbooks() -> None:
    async with connected() as acme:
        await register(acme)
        grants = acme.registry.grants
        write = grants.write

        async def beaten(sealed: Sealed) -> None:
            grants.write = write
            await register(acme)
            await write(sealed)

        grants.write = beaten

        await acme.webhooks.remove()

        assert await theirs(acme) == []
        assert ours(acme).callbacks == ()


async def test_a_repeated_handshake_changes_nothing() -> None:
    async with connected() as acme:
        await register(acme)
        before = ours(acme)
        one = before.callbacks[0]
        form = next(f for f in map(_form, acme.handshakes) if f["object_id"] == str(one.callback_id))

        await acme.keep(acme.sealer.offer(ACME, one.path, int(form["object_id"]), form["verifier"]))

        assert ours(acme) == before
        assert acme.verdicts()[-1] == "ignored"


async def test_another_verifier_after_confirmation_is_refused_and_said_so() -> None:
    async with connected() as acme:
        await register(acme)
        before = ours(acme)
        one = before.callbacks[0]

        await acme.keep(acme.sealer.offer(ACME, one.path, one.callback_id or 0, "forged" * 6))

        assert ours(acme) == before
        assert acme.verdicts()[-1] == "security"


async def test_a_forged_verifier_before_confirmation_does_not_get_in() -> None:
    async with connected() as acme:
        acme.deaf = True
        await register(acme, patience=0.3)
        one = ours(acme).callbacks[0]
        number = next(each.id for each in await theirs(acme) if each.uri == one.uri)

        await acme.keep(acme.sealer.offer(ACME, one.path, number, "forged" * 6))
        assert acme.verdicts()[-1] == "security"

        acme.deaf = False
        assert well(await register(acme))


async def test_a_handshake_for_anothers_callback_is_refused() -> None:
    async with connected() as acme:
        acme.deaf = True
        await register(acme, patience=0.3)
        one, two = ours(acme).callbacks[:2]
        number = next(each.id for each in await theirs(acme) if each.uri == two.uri)

        await acme.keep(acme.sealer.offer(ACME, one.path, number, "whatever" * 4))

        assert acme.verdicts()[-1] == "security"
        assert not any(each.verified for each in ours(acme).callbacks)


async def test_a_handshake_with_a_dead_token_waits_for_the_new_one() -> None:
    async with connected() as acme:
        await acme.sandbox.control.expire_tokens()

        assert well(await register(acme, patience=20.0))
        assert "refreshed" in acme.verdicts()


async def test_a_token_that_is_refused_although_new_is_not_renewed_again_and_again() -> None:
    async with connected() as acme:
        acme.deaf = True
        await register(acme, patience=0.3)
        callback = ours(acme).callbacks[0]
        number = next(each.id for each in await theirs(acme) if each.uri == callback.uri)
        refused = Rule(kind=FaultKind.ANSWER, status=401, path="/events/*")
        await acme.sandbox.control.faults(Faults(rules=(refused,)))

        await acme.keep(acme.sealer.offer(ACME, callback.path, number, "whatever" * 4))
        async with asyncio.timeout(10):
            while "rejected" not in acme.verdicts():  # noqa: ASYNC110 - the fake topic rings no bell
                await asyncio.sleep(0.05)

        assert acme.verdicts().count("refreshed") == 1


async def test_an_offer_for_a_path_that_is_not_ours_is_a_security_matter() -> None:
    async with connected() as acme:
        await register(acme)

        await acme.keep(acme.sealer.offer(ACME, "f" * 32, 1, "whatever" * 4))

        assert acme.verdicts()[-1] == "security"


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode()))
