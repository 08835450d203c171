"""One org's REST API: authenticated, counted, thin."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import of_reply
from app.salesforce.api.auth import Door, Session
from app.salesforce.api.soql import in_lists
from app.salesforce.calls.budget import Budget
from app.salesforce.calls.meter import Meter
from app.salesforce.wire.wire import API, Reply, Request, Send
from streams.domain.audit import CODE_VERSION
from streams.domain.errors import Misconfigured, Unreachable
from streams.domain.identity import ConnectionName, SalesforceId
from streams.ports import Settings

CLIENT_NAME: Final = f"client=Freshforce/{CODE_VERSION}"


RESULTS_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of the results of 200 rows: 40 kB for each, where a refusal with all its matches has two."""


@dataclass(frozen=True, slots=True)
class Client:
    """Calls one org. Every method logs in by itself, and once more when the session has died."""

    connection: ConnectionName
    settings: Settings
    door: Door
    send: Send
    budget: Budget
    meter: Meter

    async def upsert(self, sobject: str, key_field: str, body: bytes) -> Reply:
        """Send one collections upsert and return its answer, be it a refusal.

        Raises:
            Misconfigured, Unreachable: no answer; what happened to the rows is unknown.
        """
        path = self._path(f"/composite/sobjects/{quote(sobject)}/{quote(key_field)}")
        return await self._call("upsert", Request("PATCH", path, body=body, answer_limit=RESULTS_LIMIT))

    async def update(self, sobject: str, record: SalesforceId, body: bytes) -> Reply:
        """Change one record by its id and return the answer, be it a refusal; a 204 has no body.

        Raises:
            Misconfigured, Unreachable: no answer; whether it was changed is unknown.
        """
        path = self._path(f"/sobjects/{quote(sobject)}/{quote(record, safe='')}")
        return await self._call("update", Request("PATCH", path, body=body, answer_limit=RESULTS_LIMIT))

    async def update_many(self, body: bytes) -> Reply:
        """Change up to 200 records by their ids and return the answer, be it a refusal.

        Raises:
            Misconfigured, Unreachable: no answer; which were changed is unknown.
        """
        path = self._path("/composite/sobjects")
        return await self._call("update", Request("PATCH", path, body=body, answer_limit=RESULTS_LIMIT))

    async def describe(self, sobject: str) -> Mapping[str, Any]:
        """Return what Salesforce says of an object and its fields, as far as our user may see them.

        Raises:
            Misconfigured: the object is not there for us.
            Unreachable, RateLimited: try again later.
        """
        found: Mapping[str, Any] = await self._get(
            "describe", self._path(f"/sobjects/{quote(sobject)}/describe")
        )
        match found:
            case {"name": str(), "fields": list()}:
                return found
            case _:
                raise Unreachable(API, "a describe answer without fields")

    async def query_in(self, soql: str, values: Iterable[str]) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the rows of `soql`, which ends in `IN`, for any number of `values`.

        As many queries are asked as it takes to keep each address within Salesforce's limit.

        Raises:
            as `query`.
        """
        for asked in in_lists(soql, values):
            async for row in self.query(asked):
                yield row

    async def query(self, soql: str, *, tooling: bool = False) -> AsyncIterator[Mapping[str, Any]]:
        """Yield every row of `soql`, page after page.

        Raises:
            Refused, Misconfigured: the query is not for us.
            Unreachable, RateLimited: try again later.
        """
        async for page in self.pages(soql, tooling=tooling):
            for row in page:
                yield row

    async def pages(
        self, soql: str, *, tooling: bool = False, allow: Callable[[], None] = lambda: None
    ) -> AsyncIterator[list[Mapping[str, Any]]]:
        """Yield the rows of `soql` as they come, one list per call; numbers with a point are Decimals.

        Before each call `allow` may refuse it, by what it raises.

        Raises:
            Refused, Misconfigured: the query is not for us.
            Unreachable, RateLimited: try again later.
        """
        path: str | None = self.query_path(soql, tooling=tooling)
        while path:
            allow()
            rows, path = page_of((await self._good("query", path)).json(exact=True))
            yield rows

    def query_path(self, soql: str, *, tooling: bool = False) -> str:
        """Return the path that answers a query."""
        place = "/tooling/query" if tooling else "/query"
        return self._path(f"{place}?q={quote(soql, safe='')}")

    async def versions(self) -> frozenset[str]:
        """Return the API versions that the org speaks, such as "v66.0".

        Raises:
            Misconfigured, Unreachable: nobody says.
        """
        match await self._get("versions", "/services/data"):
            case list(known):
                return frozenset(f"v{each['version']}" for each in known if "version" in each)
            case _:
                raise Unreachable(API, "a list of versions that is none")

    async def user(self) -> str:
        """Return the id of the run-as user: the log-in tells it, else OpenID's userinfo.

        Raises:
            Misconfigured, Unreachable: nobody says.
        """
        if known := (await self.door.session()).user:
            return known
        match await self._get("userinfo", "/services/oauth2/userinfo"):
            case {"user_id": str(user)}:
                return user
            case _:
                raise Unreachable(API, "a userinfo answer without the user's id")

    async def ask(self, kind: str, method: str, resource: str, row: Mapping[str, Any] | None = None) -> Reply:
        """Ask once for a resource below the API version; return the answer, be it a refusal.

        Raises:
            Misconfigured, Unreachable: no answer; what happened is unknown.
        """
        body = None if row is None else orjson.dumps(row)
        return await self._call(kind, Request(method, self._path(resource), body=body))

    async def _get(self, kind: str, path: str) -> Any:
        return (await self._good(kind, path)).json()

    async def _good(self, kind: str, path: str) -> Reply:
        reply = await self._call(kind, Request("GET", path))
        if not reply.ok:
            raise of_reply(reply).at(self.connection).error()
        return reply

    def _path(self, resource: str) -> str:
        try:
            version = self.settings[self.connection].salesforce_api_version
        except KeyError:
            message = f"connection {self.connection} does not exist"
            raise Misconfigured(message, "freshforce connections list") from None
        return f"/services/data/{version}{resource}"

    async def _call(self, kind: str, request: Request) -> Reply:
        session = await self.door.session()
        reply = await self._send(kind, request, session)
        if _meaning(reply) != Meaning.SESSION:
            return reply
        return await self._send(kind, request, await self.door.renew(session))

    async def _send(self, kind: str, request: Request, session: Session) -> Reply:
        self.budget.count(asyncio.get_running_loop().time())
        meaning = "no-answer"
        try:
            reply = await self.send(_authorized(request, session))
            meaning = _meaning(reply) if reply.told or not reply.ok else meaning
        finally:
            self.meter.called(self.connection, kind, meaning)
        self.budget.heard(reply.headers)
        return reply


def page_of(answer: Any) -> tuple[list[Mapping[str, Any]], str | None]:
    """Return the rows of a query's answer, and the path of the next page.

    Raises:
        Unreachable: it is no such answer.
    """
    match answer:
        case {"records": list(rows)} as page:
            return rows, _next_page(page)
        case _:
            raise Unreachable(API, "a query answer without records")


def _next_page(page: Mapping[str, Any]) -> str | None:
    """Return the path of the page after `page`; anything but a path would carry our token elsewhere."""
    path = page.get("nextRecordsUrl")
    if path is None or (isinstance(path, str) and path.startswith("/services/data/")):
        return path
    raise Unreachable(API, "a next page that is no path of its API")


def _meaning(reply: Reply) -> str:
    return "ok" if reply.ok else of_reply(reply).meaning.value


def _authorized(request: Request, session: Session) -> Request:
    headers = {
        "Authorization": f"Bearer {session.token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Sforce-Call-Options": CLIENT_NAME,
    }
    url = session.instance + request.url
    return Request(request.method, url, headers, request.body, request.answer_limit)
