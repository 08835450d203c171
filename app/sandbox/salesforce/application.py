"""The HTTP server of one org: OAuth, the REST API, and the backstage under `/_sandbox/`."""

from http import HTTPStatus

import orjson
from aiohttp import web
from aiohttp.typedefs import Middleware

from app.sandbox.faults import FaultPlan, Handle, fault_middleware
from app.sandbox.salesforce import auth, identity
from app.sandbox.salesforce.api.limits import versions
from app.sandbox.salesforce.backstage import Backstage
from app.sandbox.salesforce.control_routes import control_routes
from app.sandbox.salesforce.door import JSON_TYPE, ROOT, answered, response
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.spoken import speaker

MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 64 * 1024
RUNNER = {"max_line_size": LONGEST_LINE, "max_field_size": LONGEST_LINE}
"""What an `AppRunner` of this application must be told, so that a long address is answered 414, not 400."""


def application(org: Org, *, faults: FaultPlan | None = None, app: auth.App | None = None) -> web.Application:
    """Return the server of `org`; a caller may keep `faults` and `app` to change them while it runs."""
    plan, door = faults or FaultPlan(), app or auth.App(org.seed)
    served = web.Application(
        middlewares=[_meter(org), fault_middleware(plan, speaker(org))], client_max_size=MOST_BYTES
    )
    served.add_routes(_oauth_routes(org, door))
    served.router.add_get("/services/data", _versions)
    served.router.add_get("/services/data/", _versions)
    served.router.add_route("*", ROOT + "{rest:.+}", _rest(org))
    served.add_routes(control_routes(Backstage(org, plan, door)))
    return served


def _rest(org: Org) -> Handle:
    async def rest(request: web.Request) -> web.StreamResponse:
        found = answered(org, request, await request.read())
        return response(org, found, pretty="X-PrettyPrint" in request.headers)

    return rest


async def _versions(_request: web.Request) -> web.StreamResponse:
    return _json(versions())


def _oauth_routes(org: Org, door: auth.App) -> list[web.RouteDef]:
    async def token(request: web.Request) -> web.StreamResponse:
        here = f"{request.scheme}://{request.host}"
        status, body = auth.token(
            org, door, await _form(request), request.headers.get("Authorization", ""), here
        )
        return _json(body, status)

    async def introspect(request: web.Request) -> web.StreamResponse:
        status, body = auth.introspect(
            org, door, await _form(request), request.headers.get("Authorization", "")
        )
        return _json(body, status)

    async def userinfo(request: web.Request) -> web.StreamResponse:
        status, body = identity.userinfo(org, request.headers.get("Authorization", ""))
        return _json(body, status)

    async def revoke(request: web.Request) -> web.StreamResponse:
        org.sessions.revoke((await _form(request)).get("token", ""))
        return web.Response()

    return [
        web.post("/services/oauth2/token", token),
        web.post("/services/oauth2/introspect", introspect),
        web.get("/services/oauth2/userinfo", userinfo),
        web.post("/services/oauth2/revoke", revoke),
    ]


def _json(body: object, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), headers={"Content-Type": JSON_TYPE})


async def _form(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _meter(org: Org) -> Middleware:
    @web.middleware
    async def meter(request: web.Request, handler: Handle) -> web.StreamResponse:
        if not request.path.startswith(ROOT):
            return await handler(request)
        running = org.limits.begin()
        try:
            return await handler(request)
        finally:
            org.limits.end(running)

    return meter
