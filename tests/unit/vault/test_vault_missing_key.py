"""A key that is missing while we run is told, by whoever needs it first, before anything can be buried."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from app.freshbooks.door import Door
from app.freshbooks.handshake import Handshake
from app.freshbooks.issuer import HttpIssuer
from app.ingress.granted import callbacks
from app.vault.access import Grants
from app.vault.credentials import KeptCredentials
from app.vault.grants import Grant, SalesforceGrant, WebhooksGrant
from app.vault.keys import BadKeys, Keyring, load
from app.vault.seal import Sealer
from app.vault.tokens import KeptTokens
from streams.domain.connection import Connection
from streams.domain.grant import RefreshAsked, Sealed, Side
from tests.builders.vault import (
    ACME,
    KEY,
    NOW,
    OTHER_KEY,
    a_callback,
    a_freshbooks_grant,
    a_sealer,
    counted_random,
)
from tests.fakes.grants_view import GrantsView

CONNECTION = Connection(name=ACME)
SALESFORCE = SalesforceGrant(client_id="3MVG9", client_secret=SecretStr("canary-consumer-secret"))
WEBHOOKS = WebhooksGrant(callbacks=(a_callback(),))
THEIRS = a_sealer(OTHER_KEY)


async def nobody_asked(_: RefreshAsked) -> None:
    pytest.fail("without its key no token is asked for")


async def fetch(grants: Grants) -> None:
    await KeptTokens(grants, nobody_asked, lambda: NOW).freshbooks(ACME)


async def deliver(grants: Grants) -> None:
    await KeptCredentials(grants).salesforce(ACME, "https://acme.my.salesforce.com")


async def receive(grants: Grants) -> None:
    list(callbacks({ACME: CONNECTION}, grants))


async def renew(grants: Grants) -> None:
    current = grants.sealed(ACME, Side.FRESHBOOKS)
    assert current is not None
    async with ClientSession() as session:
        HttpIssuer(session, {}, grants, lambda: NOW).spends(current)


async def shake_hands(grants: Grants) -> None:
    ours = a_sealer().seal(WEBHOOKS, ACME, 1, NOW)
    offered = THEIRS.offer(ACME, WEBHOOKS.callbacks[0].path, 778, "a verifier")
    async with ClientSession() as session:
        await Handshake(grants, CONNECTION, Door(session, ""), lambda: NOW).confirm(ours, offered)


@pytest.mark.parametrize("need", [fetch, deliver, receive, renew, shake_hands])
async def test_whoever_needs_the_key_first_tells_of_it_by_its_id(
    need: Callable[[Grants], Awaitable[None]],
) -> None:
    told: list[BadKeys] = []
    grants = grants_of_another_key(Keyring(lambda: (KEY,), told.append))

    with pytest.raises(BadKeys, match=f"the key {OTHER_KEY.id} is missing"):
        await need(grants)

    assert [each.mend for each in told] == [f"put the key {OTHER_KEY.id} back into the key file"]


def test_a_key_file_that_is_gone_lacks_the_key_that_is_needed(tmp_path: Path) -> None:
    told: list[BadKeys] = []
    file = tmp_path / "keys"
    file.write_text(f"{KEY.id}:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\n")
    file.chmod(0o600)
    running = load(file, closed=told.append)
    file.unlink()

    with pytest.raises(BadKeys, match=f"the key {OTHER_KEY.id} is missing"):
        running[OTHER_KEY.id]

    assert len(told) == 1
    assert running[KEY.id] == KEY


def grants_of_another_key(keys: Keyring) -> Grants:
    sealed = [sealed_elsewhere(each) for each in (a_freshbooks_grant(), SALESFORCE, WEBHOOKS)]
    view = GrantsView(*sealed)
    return Grants(view, Sealer(keys, counted_random()), view.write)


def sealed_elsewhere(grant: Grant) -> Sealed:
    return THEIRS.seal(grant, ACME, 1, NOW)
