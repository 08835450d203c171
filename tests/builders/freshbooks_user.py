"""A user of the simulated FreshBooks: consented, with a token, speaking plain HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession

from app.sandbox.freshbooks import Profile
from app.sandbox.server import RunningFreshBooks, running_freshbooks

REDIRECT = "https://app.example/oauth"


@dataclass
class FreshBooksUser:
    """Speaks to one sandbox; answers are (status, JSON)."""

    sandbox: RunningFreshBooks
    session: ClientSession
    access_token: str = ""
    refresh_token: str = ""

    async def ask(self, method: str, path: str, body: Any = None, query: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.access_token}"}
        url = self.sandbox.url + path
        async with self.session.request(method, url, json=body, params=query, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def accounting(
        self, method: str, place: str, body: Any = None, query: Any = None
    ) -> tuple[int, Any]:
        path = f"/accounting/account/{self.sandbox.account_id}/{place}"
        return await self.ask(method, path, body, query)

    async def events(
        self, method: str, place: str = "", body: Any = None, query: Any = None
    ) -> tuple[int, Any]:
        path = f"/events/account/{self.sandbox.account_id}/events/callbacks{place}"
        return await self.ask(method, path, body, query)

    async def make(self, place: str, noun: str, **fields: Any) -> dict[str, Any]:
        """Create an object and return it."""
        status, body = await self.accounting("POST", place, {noun: fields})
        assert status == 200, body
        made: dict[str, Any] = body["response"]["result"][noun]
        return made

    async def a_client(self, **fields: Any) -> dict[str, Any]:
        return await self.make("users/clients", "client", **({"organization": "Ann & Co"} | fields))

    async def an_invoice(self, client: int, amount: str = "100.00", **fields: Any) -> dict[str, Any]:
        lines = [{"name": "Work", "qty": 1, "unit_cost": {"amount": amount, "code": "USD"}}]
        body = {"customerid": client, "create_date": "2026-05-01", "lines": lines, "status": 2} | fields
        return await self.make("invoices/invoices", "invoice", **body)

    async def a_payment(self, invoice: int, amount: str, **fields: Any) -> dict[str, Any]:
        body = {
            "invoiceid": invoice,
            "amount": {"amount": amount},
            "date": "2026-05-02",
            "type": "Cash",
        } | fields
        return await self.make("payments/payments", "payment", **body)

    async def read(self, place: str, noun: str, object_id: int, *includes: str) -> dict[str, Any]:
        query = [("include[]", include) for include in includes]
        status, body = await self.accounting("GET", f"{place}/{object_id}", query=query)
        assert status == 200, body
        found: dict[str, Any] = body["response"]["result"][noun]
        return found

    async def token(self, **fields: str) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint, as a form, with the credentials unless given otherwise."""
        form = {
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
            "redirect_uri": REDIRECT,
        } | fields
        async with self.session.post(f"{self.sandbox.url}/auth/oauth/token", data=form) as answer:
            return answer.status, await answer.json()

    async def code(self, **more: str) -> dict[str, str]:
        """Visit the consent page; return what the redirect carries."""
        query = {
            "client_id": self.sandbox.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT,
        } | more
        url = f"{self.sandbox.url}/oauth/authorize/"
        async with self.session.get(url, params=query, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return {
                name: found[0] for name, found in parse_qs(urlsplit(answer.headers["Location"]).query).items()
            }

    async def consent(self, **more: str) -> None:
        """Allow the application, and take the tokens."""
        code = (await self.code(**more))["code"]
        status, tokens = await self.token(grant_type="authorization_code", code=code)
        assert status == 200, tokens
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]


@asynccontextmanager
async def freshbooks_user(seed: int = 7, profile: Profile | None = None) -> AsyncIterator[FreshBooksUser]:
    """A sandbox of its own, and a user of it who gave consent."""
    async with running_freshbooks(seed=seed, profile=profile) as sandbox, ClientSession() as session:
        user = FreshBooksUser(sandbox, session)
        await user.consent()
        yield user
