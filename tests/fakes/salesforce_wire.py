"""A Salesforce behind our transport seam: answers requests with the bytes that the facts document."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from app.salesforce.wire.wire import Reply, Request
from streams.domain.errors import Unreachable
from tests.builders.salesforce import a_failed_row, a_field, a_reply, an_error, described

FIELDS = {
    "Account": [
        a_field("Name", length=255, nillable=False),
        a_field("Phone", "phone", 40),
        a_field("Website", "url", 255),
        a_field("FreshBooks_Client_Id__c", length=64, externalId=True),
        a_field("FreshBooks_Email__c", "email", 80),
    ],
    "Contact": [
        a_field("LastName", length=80, nillable=False),
        a_field("AccountId", "reference", 18, relationshipName="Account"),
        a_field("FreshBooks_Contact_Id__c", length=64, externalId=True),
    ],
    "Opportunity": [
        a_field("Name", length=120, nillable=False),
        a_field("StageName", "picklist", 255, nillable=False),
        a_field("CloseDate", "date", nillable=False),
        a_field("Amount", "currency"),
        a_field("AccountId", "reference", 18, relationshipName="Account"),
        a_field("FreshBooks_Invoice_Id__c", length=64, externalId=True),
    ],
}
LOOK = re.compile(r"SELECT (.+) FROM (\w+) WHERE (\w+) IN \((.*)\)")
PREFIX = {"Account": "001", "Contact": "003", "Opportunity": "006"}

Judge = Callable[[str, list[dict[str, Any]]], Reply | list[Any] | None]
"""Told the object and the records of an upsert; returns a whole answer, or one or None per row, or None."""


async def at_once(_: Request) -> None:
    """Let no time pass."""


def fair(_: str, __: list[dict[str, Any]]) -> None:
    """Refuse nothing."""


@dataclass
class FakeWire:
    """Rows by object and external id, with their calls counted; fits `app.salesforce.wire.wire.Send`."""

    judge: Judge = fair
    delay: Callable[[Request], Awaitable[None]] = at_once
    fields: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: dict(FIELDS))
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    upserts: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    describes: Counter[str] = field(default_factory=Counter)
    log_ins: int = 0
    barred: set[str] = field(default_factory=set)
    """Objects whose rows our user may not change."""
    usage: str = "api-usage=1/100000"
    _next: deque[Reply | Unreachable] = field(default_factory=deque)
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)
    _dead: set[str] = field(default_factory=set)

    def next(self, *replies: Reply | Unreachable) -> None:
        """Answer the next upserts so, without writing anything."""
        self._next.extend(replies)

    def end_sessions(self) -> None:
        """Let every token given out so far be refused."""
        self._dead = {f"token-{number}" for number in range(self.log_ins + 1)}

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        await self.delay(request)
        await asyncio.sleep(0)
        path = request.url.removeprefix("https://acme.my.salesforce.com")
        if path == "/services/oauth2/token":
            return self._log_in(request)
        if request.headers["Authorization"].removeprefix("Bearer ") in self._dead:
            return a_reply(401, an_error("INVALID_SESSION_ID", "Session expired or invalid"))
        if path.endswith("/describe"):
            return self._describe(path.split("/")[-2])
        if "/query?q=" in path:
            return self._query(unquote(path.partition("?q=")[2]))
        *_, sobject, key = path.split("/")
        return self._upsert(sobject, key, orjson.loads(request.body or b""))

    def _log_in(self, request: Request) -> Reply:
        self.log_ins += 1
        assert parse_qs((request.body or b"").decode())["grant_type"] == ["client_credentials"]
        token = {"access_token": f"token-{self.log_ins}", "instance_url": "https://acme.my.salesforce.com"}
        return a_reply(200, token)

    def _describe(self, sobject: str) -> Reply:
        self.describes[sobject] += 1
        if sobject not in self.fields:
            return a_reply(404, an_error("NOT_FOUND", "The requested resource does not exist"))
        rights = {"updateable": sobject not in self.barred}
        return a_reply(200, described(sobject, *self.fields[sobject]) | rights)

    def _query(self, soql: str) -> Reply:
        """Answer which of the rows with these keys are there; the org tells nothing of its stages."""
        if (asked := LOOK.fullmatch(soql)) is None:
            return a_reply(400, an_error("INVALID_TYPE", "sObject type is not supported"))
        columns, sobject, key, keys = asked.groups()
        found = [
            {column: self.rows[sobject, each].get(column) for column in columns.split(", ")} | {key: each}
            for each in re.findall(r"'([^']*)'", keys)
            if (sobject, each) in self.rows
        ]
        return a_reply(200, {"totalSize": len(found), "done": True, "records": found})

    def _upsert(self, sobject: str, key: str, said: dict[str, Any]) -> Reply:
        records: list[dict[str, Any]] = said["records"]
        self.upserts.append((sobject, records))
        assert said["allOrNone"] is False
        assert len(records) <= 200
        assert len({record[key] for record in records}) == len(records), "an external id twice in one call"
        if self._next:
            reply = self._next.popleft()
            if isinstance(reply, Unreachable):
                raise reply
            return reply
        judged = self.judge(sobject, records)
        if isinstance(judged, Reply):
            return judged
        verdicts = judged or [None] * len(records)
        rows = [
            verdict or self._row(sobject, key, record)
            for verdict, record in zip(verdicts, records, strict=True)
        ]
        return a_reply(200, rows, sforce_limit_info=self.usage)

    def _row(self, sobject: str, key: str, record: dict[str, Any]) -> dict[str, Any]:
        assert record["attributes"] == {"type": sobject}
        parent = record.get("Account")
        if parent and ("Account", next(iter(parent.values()))) not in self.rows:
            field, value = next(iter(parent.items()))
            message = f"Foreign key external ID: {value} not found for field {field} in entity Account"
            return a_failed_row("INVALID_FIELD", message)
        name = (sobject, record[key])
        created = name not in self.rows
        row = self.rows.setdefault(name, {})
        row |= {field: value for field, value in record.items() if field not in {"attributes", key}}
        id_ = self._ids.setdefault(name, f"{PREFIX[sobject]}{len(self._ids):012d}AAA")
        return {"id": id_, "success": True, "errors": [], "created": created}
