"""The backstage over HTTP, for scenarios and other processes: JSON in, JSON out, under `/_sandbox/`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web
from pydantic import ValidationError

from app.sandbox.faults import CONTROL_PREFIX, Faults
from app.sandbox.salesforce.auth import AuthTrouble
from app.sandbox.salesforce.backstage import Backstage
from app.sandbox.salesforce.refusal import Refusal
from app.sandbox.salesforce.rules import Rules

Wish = Callable[[web.Request, Any], Any]
"""Takes the request and its JSON; returns what is answered."""


def control_routes(backstage: Backstage) -> list[web.RouteDef]:
    """Return the routes of the backstage."""
    wishes: dict[tuple[str, str], Wish] = {
        ("GET", "profile"): lambda _r, _w: backstage.profile().model_dump(mode="json"),
        ("PUT", "profile"): lambda _r, wish: backstage.profile(**wish).model_dump(mode="json"),
        ("PUT", "rules"): lambda _r, wish: backstage.rules(Rules.model_validate(wish)),
        ("PUT", "faults"): lambda _r, wish: backstage.faults(Faults.model_validate(wish)),
        ("PUT", "auth"): lambda _r, wish: backstage.auth(_trouble(wish)),
        ("PUT", "limit"): lambda _r, wish: {"api_usage": backstage.limit(**wish)},
        ("PUT", "bulk"): lambda _r, wish: backstage.bulk_delay(timedelta(seconds=wish["delay_seconds"])),
        ("PUT", "sessions"): lambda _r, wish: backstage.session_lifetime(
            timedelta(seconds=wish["lifetime_seconds"])
        ),
        ("DELETE", "sessions"): lambda _r, _w: {"revoked": backstage.revoke_sessions()},
        ("POST", "clock"): lambda _r, wish: {
            "now": backstage.advance(timedelta(seconds=wish["advance_seconds"]))
        },
        ("GET", "counters"): lambda _r, _w: backstage.counters(),
        ("DELETE", "counters"): lambda _r, _w: backstage.reset_counters(),
        ("PUT", "history"): lambda _r, _w: backstage.keep_history(),
        ("GET", "history/{id}"): lambda r, _w: backstage.history(r.match_info["id"]),
    }
    return [
        web.route(method, CONTROL_PREFIX + path, _served(wish))
        for (method, path), wish in (wishes | _rows(backstage)).items()
    ]


def _rows(backstage: Backstage) -> dict[tuple[str, str], Wish]:
    people, one = backstage.people, "rows/{type}/{id}"
    return {
        ("GET", "rows/{type}"): lambda r, _w: people.rows(_type(r), deleted=r.query.get("deleted") == "true"),
        ("POST", "rows/{type}"): lambda r, wish: {
            "ids": people.insert(_type(r), *(wish if isinstance(wish, list) else [wish]))
        },
        ("PATCH", one): lambda r, wish: people.edit(_type(r), r.match_info["id"], wish),
        ("DELETE", one): lambda r, _w: people.delete(_type(r), r.match_info["id"]),
        ("POST", "rows/Opportunity/{id}/products"): lambda r, _w: people.add_products(r.match_info["id"]),
        ("POST", one + "/undelete"): lambda r, _w: people.undelete(_type(r), r.match_info["id"]),
    }


def _type(request: web.Request) -> str:
    return request.match_info["type"]


def _trouble(wish: Any) -> AuthTrouble | None:
    return None if wish["trouble"] is None else AuthTrouble[wish["trouble"].upper().replace("-", "_")]


def _served(wish: Wish) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            said = wish(request, orjson.loads(raw) if raw else {})
        except Refusal as refusal:
            return _json(refusal.errors(), refusal.status)
        except (ValidationError, orjson.JSONDecodeError, KeyError, TypeError, OverflowError) as error:
            return _json({"error": type(error).__name__, "why": str(error)}, 422)
        return _json({} if said is None else said)

    return serve


def _json(said: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(said), content_type="application/json")
