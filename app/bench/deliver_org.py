"""Orgs for `bench deliver`: `python -m app.bench.deliver_org LATENCY…`.

The first is our sandbox, which does an org's work: it checks, indexes and keeps each row. Then one org per
latency that does none, so that what is measured is who asks: log-in, describe, single and collections
upserts, each after the org's latency; `inf` never answers an upsert. Where they listen is said on the
standard output, as JSON.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import orjson
import uvloop

from app.sandbox.salesforce import running_salesforce

KEY: Final = "FreshBooks_Client_Id__c"
FIELDS: Final = (
    ("Name", "string", 255),
    ("Phone", "phone", 40),
    ("BillingStreet", "textarea", 255),
    ("BillingCity", "string", 40),
    ("BillingPostalCode", "string", 20),
    ("BillingCountry", "string", 80),
    ("FreshBooks_Email__c", "email", 80),
    ("FreshBooks_Payment_Status__c", "string", 40),
    ("FreshBooks_Outstanding__c", "string", 255),
    ("FreshBooks_Paid__c", "string", 255),
)
"""As describe names them: name, type and length."""
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


class Org:
    """One org: ids by external id, calls by kind."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.url = ""
        self._ids: dict[str, str] = {}
        self._calls: Counter[str] = Counter()

    def answer(self, path: str, body: bytes) -> tuple[float, Any]:
        """Return after how long what is answered."""
        kind = _kind(path)
        if kind == "calls":
            return 0.0, dict(self._calls)
        if kind == "token":
            return 0.0, {"access_token": "00Dbench", "instance_url": self.url}
        self._calls[kind] += 1
        if kind == "describe":
            return self.latency, _described()
        if kind == "collections":
            return self.latency, [self._upserted(record[KEY]) for record in orjson.loads(body)["records"]]
        orjson.loads(body)
        return self.latency, self._upserted(path.rpartition("/")[2])

    def _upserted(self, key: str) -> dict[str, Any]:
        known = self._ids.get(key)
        if known is None:
            self._ids[key] = known = f"001{len(self._ids):012d}AAA"
            return {"id": known, "success": True, "errors": [], "created": True}
        return {"id": known, "success": True, "errors": [], "created": False}


def _kind(path: str) -> str:
    last = path.rpartition("/")[2]
    if "/composite/" in path:
        return "collections"
    return last if last in {"token", "describe", "calls"} else "single"


def _described() -> dict[str, Any]:
    open_ = {"createable": True, "updateable": True, "nillable": True}
    fields = [{"name": name, "type": kind, "length": length, **open_} for name, kind, length in FIELDS]
    key = {"name": KEY, "type": "string", "length": 64, "externalId": True, **open_}
    return {"name": "Account", "keyPrefix": "001", "fields": [*fields, key]}


class Line(asyncio.Protocol):
    """A connection: one request at a time, kept alive."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._heard = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._heard += data
        while (request := self._request()) is not None:
            seconds, said = self._org.answer(*request)
            if seconds == 0:
                self._say(said)
            elif seconds != float("inf"):
                asyncio.get_running_loop().call_later(seconds, self._say, said)

    def _request(self) -> tuple[str, bytes] | None:
        """Take one whole request out of what was heard."""
        head, found, rest = self._heard.partition(_END)
        if not found:
            return None
        length = next(
            (int(line[len(_LENGTH) :]) for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH)), 0
        )
        if len(rest) < length:
            return None
        _, path, _ = bytes(head.partition(b"\r\n")[0]).decode().split(" ")
        self._heard = rest[length:]
        return path, bytes(rest[:length])

    def _say(self, said: Any) -> None:
        body = orjson.dumps(said)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        limits = "Sforce-Limit-Info: api-usage=1/10000000\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write((head + limits).encode() + body)


async def main(latencies: Sequence[float], say: Callable[[str], object]) -> None:
    """Serve until killed."""
    loop, free = asyncio.get_running_loop(), [Org(latency) for latency in latencies]
    async with running_salesforce("prepared") as sandbox:
        for org in free:
            server = await loop.create_server(_line(org), "127.0.0.1", 0)
            org.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        whole = {"url": sandbox.url, "key": [sandbox.client_id, sandbox.client_secret]}
        told = [whole, *({"url": org.url, "key": ["bench", "bench"]} for org in free)]
        say(orjson.dumps(told).decode())
        await asyncio.Event().wait()


def _line(org: Org) -> Callable[[], Line]:
    return lambda: Line(org)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main([float(it) for it in sys.argv[1:]], lambda text: print(text, flush=True)))
