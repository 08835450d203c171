"""FreshBooks' official SDK, consented and ready, against the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from freshbooks import Client

from app.sandbox.server import RunningFreshBooks, running_freshbooks

T = TypeVar("T")
REDIRECT = "https://app.example/oauth"


@dataclass
class Sdk:
    """The SDK, which blocks, called from a thread of its own."""

    sandbox: RunningFreshBooks
    client: Any

    @property
    def account(self) -> str:
        return self.sandbox.account_id

    async def do(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await asyncio.to_thread(call, *args, **kwargs)


@asynccontextmanager
async def sdk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sdk]:
    async with running_freshbooks(seed=11) as sandbox:
        monkeypatch.setenv("FRESHBOOKS_API_URL", sandbox.url)
        monkeypatch.setenv("FRESHBOOKS_AUTH_URL", sandbox.url)
        client = Client(
            client_id=sandbox.client_id, client_secret=sandbox.client_secret, redirect_uri=REDIRECT, timeout=5
        )
        await asyncio.to_thread(_consent, client)
        yield Sdk(sandbox, client)


def _consent(client: Any) -> None:
    page = client.get_auth_request_url(["user:clients:read", "user:clients:write", *_OTHERS])
    redirect = requests.get(page, allow_redirects=False, timeout=5).headers["Location"]
    client.get_access_token(parse_qs(urlsplit(redirect).query)["code"][0])


_OTHERS = ("user:invoices:read", "user:invoices:write", "user:payments:read", "user:payments:write")
