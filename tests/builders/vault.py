"""Keys, sealers and grants for a test."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from pydantic import SecretStr

from app.vault.grants import Callback, FreshBooksGrant, Status
from app.vault.keys import Key, keyring
from app.vault.seal import Sealer
from streams.domain.identity import ConnectionName

ACME = ConnectionName("acme")
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
KEY = Key.of(b"k" * 32)
OTHER_KEY = Key.of(b"o" * 32)


def counted_random() -> Any:
    """Random bytes that never repeat and always are the same."""
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def a_sealer(*keys: Key) -> Sealer:
    return Sealer(keyring(keys or (KEY,)), counted_random())


def a_freshbooks_grant(**given: Any) -> FreshBooksGrant:
    plain: dict[str, Any] = {
        "client_id": "app",
        "client_secret": SecretStr("canary-client-secret"),
        "redirect_uri": "https://freshforce.example/oauth/freshbooks/callback",
        "access_token": SecretStr("canary-access-token"),
        "refresh_token": SecretStr("canary-refresh-token"),
        "expires_at": NOW + timedelta(hours=12),
        "status": Status.OK,
    }
    return FreshBooksGrant(**(plain | given))


def a_callback(**given: Any) -> Callback:
    path = given.get("path", "0123456789abcdef0123456789abcdef")
    plain: dict[str, Any] = {
        "path": path,
        "event": "invoice",
        "uri": f"https://freshforce.example/webhooks/freshbooks/{path}",
    }
    return Callback(**(plain | given))
