"""The control API: /_sandbox/..., no part of FreshBooks, never disturbed by faults."""

import json
from datetime import timedelta
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.sandbox.faults import CONTROL_PREFIX, Faults
from app.sandbox.freshbooks.backstage import Backstage
from app.sandbox.freshbooks.bodies import digits
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.refusals import Refusal, reply
from app.sandbox.freshbooks.wishes import Acts, ClockMove, Play, Settling, Sowing, TokenEnd
from app.sandbox.scenarios.runner import LosesAccounts, play
from app.sandbox.scenarios.story import UnknownScenario, load_story, story_names

WishT = TypeVar("WishT", bound=BaseModel)
NDJSON = "application/x-ndjson"
CHANGES = TypeAdapter(dict[str, Any])


class Control:
    """HTTP around the backstage."""

    def __init__(self, backstage: Backstage, salesforce: LosesAccounts | None) -> None:
        self._backstage = backstage
        self._salesforce = salesforce

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        root = CONTROL_PREFIX.rstrip("/")
        return [
            web.get(f"{root}/counters", self.counters),
            web.post(f"{root}/acts", self.act),
            web.put(f"{root}/faults", self.faults),
            web.patch(f"{root}/webhooks", self.webhooks),
            web.get(f"{root}/webhooks/deliveries", self.deliveries),
            web.post(f"{root}/webhooks/settle", self.settle),
            web.patch(f"{root}/switches", self.switches),
            web.post(f"{root}/clock", self.clock),
            web.post(f"{root}/tokens/end", self.end_tokens),
            web.post(f"{root}/seed", self.seed),
            web.get(f"{root}/scenarios", self.scenarios),
            web.post(f"{root}/play", self.play),
            web.get(f"{root}/truth", self.truth),
        ]

    async def counters(self, _request: web.Request) -> web.Response:
        """Tell what was seen."""
        return reply((await self._backstage.counters()).model_dump())

    async def act(self, request: web.Request) -> web.Response:
        """Do what users do."""
        wish = await _wish(request, Acts)
        try:
            return reply({"ids": await self._backstage.act(wish.acts)})
        except Refusal as refusal:
            return reply({"refused": refusal.message, "field": refusal.field}, status=422)

    async def faults(self, request: web.Request) -> web.Response:
        """Put faults in force."""
        await self._backstage.faults(await _wish(request, Faults))
        return reply({})

    async def webhooks(self, request: web.Request) -> web.Response:
        """Turn knobs."""
        return await _turn(request, self._backstage.webhooks)

    async def switches(self, request: web.Request) -> web.Response:
        """Set switches."""
        return await _turn(request, self._backstage.switches)

    async def deliveries(self, request: web.Request) -> web.Response:
        """List deliveries."""
        sent = await self._backstage.deliveries(digits(request.query.get("since", "")) or 0)
        return reply({"deliveries": [one.model_dump() for one in sent]})

    async def settle(self, request: web.Request) -> web.Response:
        """Wait for the webhooks."""
        wish = await _wish(request, Settling)
        return reply({"settled": await self._backstage.settle(wish.timeout)})

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock."""
        wish = await _wish(request, ClockMove)
        if wish.set is not None:
            now = await self._backstage.set_clock(wish.set, stopped=wish.stopped)
        else:
            now = await self._backstage.advance(timedelta(seconds=wish.advance_seconds or 0))
        return reply({"now": now.isoformat()})

    async def end_tokens(self, request: web.Request) -> web.Response:
        """End tokens."""
        wish = await _wish(request, TokenEnd)
        await (self._backstage.expire_tokens() if wish.what == "access" else self._backstage.revoke_consent())
        return reply({})

    async def seed(self, request: web.Request) -> web.Response:
        """Seed a past."""
        wish = await _wish(request, Sowing)
        return reply((await self._backstage.sow(wish.invoices, wish.seed))._asdict())

    async def scenarios(self, _request: web.Request) -> web.Response:
        """Name the scenarios."""
        return reply(
            {"scenarios": [{"name": name, "tells": load_story(name).tells} for name in story_names()]}
        )

    async def play(self, request: web.Request) -> web.StreamResponse:
        """Play a scenario; each line of the answer is the progress so far."""
        wish = await _wish(request, Play)
        try:
            story = load_story(wish.scenario)
        except UnknownScenario as unknown:
            return reply({"refused": str(unknown)}, status=404)
        answer = await _stream(request)
        playing = play(story, wish.seed, self._backstage, size=wish.size, salesforce=self._salesforce)
        async for progress in playing:
            await answer.write(orjson.dumps(progress.model_dump()) + b"\n")
        await answer.write_eof()
        return answer

    async def truth(self, request: web.Request) -> web.StreamResponse:
        """List every object, a line each."""
        asked = request.query.getall("kind", [])
        answer = await _stream(request)
        async for noun, payload in self._backstage.truth([n for n in Noun if not asked or n in asked]):
            await answer.write(orjson.dumps({"kind": noun.value, "object": payload}) + b"\n")
        await answer.write_eof()
        return answer


async def _stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": NDJSON})
    await answer.prepare(request)
    return answer


async def _wish(request: web.Request, kind: type[WishT]) -> WishT:
    """Read a wish. Raises: web.HTTPUnprocessableEntity that says what is wrong with it."""
    try:
        return kind.model_validate_json(await request.read() or b"{}")
    except ValidationError as wrong:
        raise _unreadable(wrong) from None


async def _turn(request: web.Request, turn: Any) -> web.Response:
    try:
        return reply(await turn(**CHANGES.validate_json(await request.read())))
    except ValidationError as wrong:
        raise _unreadable(wrong) from None


def _unreadable(wrong: ValidationError) -> web.HTTPUnprocessableEntity:
    return web.HTTPUnprocessableEntity(
        text=json.dumps(wrong.errors(include_url=False, include_context=False), default=str),
        content_type="application/json",
    )
