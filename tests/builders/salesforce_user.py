"""A client of the Salesforce sandbox that knows nothing but HTTP: what a curious admin does with curl."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import ClientSession
from yarl import URL

from app.sandbox.salesforce import Profile, RunningSalesforce, running_salesforce

KEY = "FreshBooks_Client_Id__c"
INVOICE_KEY = "FreshBooks_Invoice_Id__c"


@dataclass(frozen=True)
class Seen:
    """An answer: `body` is JSON, text when it is none, None when it is empty."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class SalesforceUser:
    """Somebody logged in."""

    sandbox: RunningSalesforce
    session: ClientSession
    token: str = ""

    async def login(self) -> str:
        seen = await self.ask_token()
        self.token = seen.body["access_token"]
        return self.token

    async def ask_token(self, **form: str) -> Seen:
        said = {"grant_type": "client_credentials"} | {
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
        }
        return await self.form("/services/oauth2/token", said | form)

    async def form(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Seen:
        async with self.session.post(self.sandbox.url + path, data=form, headers=headers) as answer:
            return Seen(answer.status, _read(await answer.read()), dict(answer.headers))

    async def call(
        self, method: str, path: str, body: Any = None, *, version: str = "v66.0", **headers: str
    ) -> Seen:
        """Ask the API; `path` is what follows the version, already escaped; `Some_Header=...` is a header."""
        url = URL(f"{self.sandbox.url}/services/data/{version}/{path}", encoded=True)
        told = {"Authorization": f"Bearer {self.token}"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        async with self.session.request(method, url, data=raw, headers=told) as answer:
            return Seen(answer.status, _read(await answer.read()), dict(answer.headers))

    async def query(self, soql: str, **headers: str) -> Seen:
        return await self.call(
            "GET", f"query?q={URL.build(query={'q': soql}).raw_query_string[2:]}", **headers
        )

    async def upsert_many(
        self, sobject: str, key: str, *records: dict[str, Any], all_or_none: bool = False
    ) -> Seen:
        body = {
            "allOrNone": all_or_none,
            "records": [{"attributes": {"type": sobject}} | each for each in records],
        }
        return await self.call("PATCH", f"composite/sobjects/{sobject}/{key}", body)

    async def create(self, sobject: str, **fields: Any) -> str:
        """Create a row, which must succeed, and return its id."""
        seen = await self.call("POST", f"sobjects/{sobject}", fields)
        assert seen.status == 201, seen.body
        return str(seen.body["id"])

    async def row(self, sobject: str, row_id: str) -> dict[str, Any]:
        """Read a row, which must be there."""
        seen = await self.call("GET", f"sobjects/{sobject}/{row_id}")
        assert seen.status == 200, seen.body
        return dict(seen.body)


def _read(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode()


@asynccontextmanager
async def salesforce_user(
    profile: str = "prepared", *, seed: int = 0, **switches: Any
) -> AsyncIterator[SalesforceUser]:
    """Run an org and log in."""
    kind = Profile.named(profile).with_(**switches)
    async with running_salesforce(kind, seed=seed) as sandbox, ClientSession() as session:
        user = SalesforceUser(sandbox, session)
        await user.login()
        yield user


def an_opportunity(key: str = "ACM1:1", /, **fields: Any) -> dict[str, Any]:
    """A row for upserts of Opportunities."""
    whole = {
        INVOICE_KEY: key,
        "Name": f"Invoice {key}",
        "StageName": "Prospecting",
        "CloseDate": "2026-03-31",
    }
    return whole | fields


def an_account(key: str = "ACM1:7", /, **fields: Any) -> dict[str, Any]:
    """A row for upserts of Accounts."""
    return {KEY: key, "Name": f"Client {key}"} | fields
