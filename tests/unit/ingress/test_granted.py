"""The directory of callbacks is what the sealed grants say, no more and no less."""

import asyncio
import os
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import SecretStr

from app.freshbooks.signature import fingerprint
from app.ingress.callbacks import Directory
from app.ingress.granted import callbacks, follow
from app.vault.access import Grants
from app.vault.cipher import SealBroken
from app.vault.grants import Callback, WebhooksGrant
from app.vault.keys import Key, keyring
from app.vault.seal import Sealer
from streams.domain.connection import Connection
from streams.domain.grant import Sealed
from streams.domain.identity import AccountId, ConnectionName
from tests.builders.webhooks import NOW, OLD_SECRET, PATH, SECRET
from tests.fakes.grants_view import GrantsView

ACME = Connection(name=ConnectionName("acme"), freshbooks_account_id=AccountId("6BApk"))
SEALER = Sealer(keyring((Key.of(bytes(32)),)), os.urandom)


def sealed(*registered: Callback, generation: int = 1) -> Sealed:
    return SEALER.seal(WebhooksGrant(callbacks=registered), ACME.name, generation, NOW)


def registered(path: str = PATH, secret: str = SECRET, *, verified: bool = True) -> Callback:
    return Callback(
        path=path,
        event="invoice",
        uri=f"https://hooks.example.com/webhooks/freshbooks/{path}",
        callback_id=2001,
        verifier=SecretStr(secret),
        verified=verified,
        previous=SecretStr(OLD_SECRET),
        previous_until=NOW + timedelta(hours=1),
    )


async def test_a_registered_callback_is_known_with_its_verifiers_and_their_grace() -> None:
    view = GrantsView(sealed(registered()))

    (callback,) = callbacks({"acme": ACME}, Grants(view, SEALER))

    assert (callback.path, callback.connection, callback.account, callback.noun, callback.callback_id) == (
        *(PATH, "acme", "6BApk", "invoice"),
        2001,
    )
    names = [each.fingerprint for each in callback.valid(NOW)]
    assert names == [fingerprint(SECRET), fingerprint(OLD_SECRET)]
    assert [each.fingerprint for each in callback.valid(NOW + timedelta(hours=1))] == [fingerprint(SECRET)]
    assert [each.fingerprint for each in callback.retired(NOW + timedelta(hours=1))] == [
        fingerprint(OLD_SECRET)
    ]


async def test_a_verifier_that_is_not_confirmed_signs_nothing() -> None:
    view = GrantsView(sealed(registered(verified=False)))

    (callback,) = callbacks({"acme": ACME}, Grants(view, SEALER))

    assert callback.verifiers == ()


async def test_the_grant_of_a_connection_that_is_gone_opens_no_door() -> None:
    view = GrantsView(sealed(registered()))

    assert list(callbacks({}, Grants(view, SEALER))) == []


async def test_changes_are_followed_without_a_restart() -> None:
    view, directory = GrantsView(sealed(registered())), Directory()
    following = asyncio.create_task(follow(directory, {"acme": ACME}, Grants(view, SEALER)))
    await asyncio.sleep(0.01)
    assert directory.complete

    view.put(sealed(registered("ab" * 16), generation=2))
    await asyncio.sleep(0.01)

    assert directory.get(PATH) is None
    assert directory.get("ab" * 16) is not None
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def test_a_seal_that_was_tampered_with_stops_the_ingress() -> None:
    view = GrantsView(sealed(registered()))
    (key,) = view
    view[key] = view[key].model_copy(update={"generation": 9})

    with pytest.raises(SealBroken):
        await follow(Directory(), {"acme": ACME}, Grants(view, SEALER))


async def test_a_callback_prints_no_secret() -> None:
    view = GrantsView(sealed(registered()))

    shown = repr([*callbacks({"acme": ACME}, Grants(view, SEALER))])

    assert SECRET not in shown
    assert OLD_SECRET not in shown
