"""The trace page: everything that ever happened to one FreshBooks object."""

from typing import Any, Final

from aiohttp import web

from app.desk.desk import desk_of
from app.desk.pages import page
from app.view.story import story
from app.view.trace import trace
from app.view.under_way import under_way
from streams.domain.identity import ObjectKind

KINDS: Final = tuple(kind.value for kind in ObjectKind)
MOST: Final = 400
"""Lines of a page: the newest; the command shows all."""
LARGEST: Final = 2**63 - 1


async def show(request: web.Request) -> web.Response:
    """Show the search, and the story of what was searched for."""
    desk, asked = desk_of(request), request.query
    connections = sorted(desk.registry.connections)
    kind, number = asked.get("kind", "invoice"), asked.get("id", "").strip()
    connection = asked.get("connection", connections[0] if connections else "")
    object_id = int(number) if number.isascii() and number.isdigit() and int(number) <= LARGEST else None
    lines = []
    if kind in KINDS and object_id is not None:
        happenings = await trace(await desk.store(), connection, kind, object_id)
        lines = [*story(happenings), *under_way(happenings)]
    facts: dict[str, Any] = {
        "connections": connections,
        "kinds": KINDS,
        "connection": connection,
        "kind": kind,
        "number": number,
    }
    return page(request, "trace.html", lines=lines[-MOST:], more=max(0, len(lines) - MOST), **facts)


ROUTES: Final = (web.get("/trace", show),)
