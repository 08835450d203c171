"""The control client: the backstage of a running FreshBooks sandbox, over HTTP."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from aiohttp import ClientSession, ClientTimeout

from app.sandbox.faults import CONTROL_PREFIX, Faults
from app.sandbox.freshbooks.acts import Change, Create, Remove, Tell
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.seeding import Sown
from app.sandbox.freshbooks.wishes import Counters, Sent
from app.sandbox.scenarios.runner import Progress

Json = dict[str, Any]
FOR_EVER = ClientTimeout(total=None)


class ControlRefused(Exception):
    """The sandbox does not take a wish: `why` is its answer."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"the sandbox answers {status}: {why}")


class FreshBooksControl:
    """What `Backstage` offers in one process, from another one."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._root = url.rstrip("/") + CONTROL_PREFIX

    async def act(self, acts: Sequence[Create | Change | Remove | Tell]) -> list[int]:
        """Do what users do, in order; return the objects' ids."""
        answer = await self._ask("POST", "acts", {"acts": [act.model_dump(mode="json") for act in acts]})
        return [int(one) for one in answer["ids"]]

    async def webhooks(self, **knobs: Any) -> Json:
        """Turn knobs of the webhook sender; return all of them."""
        return await self._ask("PATCH", "webhooks", knobs)

    async def switches(self, **switches: Any) -> Json:
        """Set switches of FreshBooks' behaviour; return all of them."""
        return await self._ask("PATCH", "switches", switches)

    async def faults(self, faults: Faults) -> None:
        """Put faults in force on the API; `Faults()` heals it."""
        await self._ask("PUT", "faults", faults.model_dump(mode="json"))

    async def advance(self, by: timedelta) -> datetime:
        """Move the clock; return the new time."""
        answer = await self._ask("POST", "clock", {"advance_seconds": by.total_seconds()})
        return datetime.fromisoformat(answer["now"])

    async def set_clock(self, moment: datetime, *, stopped: bool = False) -> datetime:
        """Set the clock; return the new time."""
        answer = await self._ask("POST", "clock", {"set": moment.isoformat(), "stopped": stopped})
        return datetime.fromisoformat(answer["now"])

    async def sow(self, invoices: int, seed: int = 0) -> Sown:
        """Seed a past; nothing is told of it."""
        return Sown(**await self._ask("POST", "seed", {"invoices": invoices, "seed": seed}))

    async def expire_tokens(self) -> None:
        """End every access token; refreshing helps."""
        await self._ask("POST", "tokens/end", {"what": "access"})

    async def revoke_consent(self) -> None:
        """End every token and code; only a new consent helps."""
        await self._ask("POST", "tokens/end", {"what": "all"})

    async def settle(self, timeout: float = 30.0) -> bool:  # noqa: ASYNC109 - the sandbox keeps the time
        """Wait until every webhook is delivered; tell whether it happened in time."""
        return bool((await self._ask("POST", "webhooks/settle", {"timeout": timeout}))["settled"])

    async def counters(self) -> Counters:
        """Return what was seen so far."""
        return Counters.model_validate(await self._ask("GET", "counters"))

    async def deliveries(self, since: int = 0) -> list[Sent]:
        """Return the deliveries from the `since`-th on, handshakes among them."""
        answer = await self._ask("GET", f"webhooks/deliveries?since={since}")
        return [Sent.model_validate(one) for one in answer["deliveries"]]

    async def truth(self, nouns: Iterable[Noun] = tuple(Noun)) -> AsyncIterator[tuple[Noun, Json]]:
        """Yield every object, deleted ones too, as a GET with its lines would show it."""
        query = "&".join(f"kind={noun.value}" for noun in nouns)
        async for line in self._lines("GET", f"truth?{query}"):
            yield Noun(line["kind"]), line["object"]

    async def play(self, scenario: str, seed: int = 0, size: int = 100) -> AsyncIterator[Progress]:
        """Have the sandbox play a scenario (steps about Salesforce are left out) and yield its progress."""
        wish = {"scenario": scenario, "seed": seed, "size": size}
        async for line in self._lines("POST", "play", wish):
            yield Progress.model_validate(line)

    async def _ask(self, method: str, place: str, wish: Json | None = None) -> Json:
        async with self._session.request(method, self._root + place, json=wish, timeout=FOR_EVER) as answer:
            if not answer.ok:
                raise ControlRefused(answer.status, _why(await answer.read()))
            body: Json = orjson.loads(await answer.read())
            return body

    async def _lines(self, method: str, place: str, wish: Json | None = None) -> AsyncIterator[Json]:
        async with self._session.request(
            method, self._root + place, json=wish, timeout=FOR_EVER, read_bufsize=2**20
        ) as answer:
            if not answer.ok:
                raise ControlRefused(answer.status, _why(await answer.read()))
            async for line in answer.content:
                yield orjson.loads(line)


def _why(said: bytes) -> str:
    """Return the reason in an answer: the sandbox's own words where it refuses in words."""
    try:
        return str(orjson.loads(said)["refused"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return said.decode()
