"""Which replays were planned, and a form to preview one."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from app.desk.desk import desk_of
from app.desk.pages import page, see
from app.desk.replay.looking import PREVIEW, asked, look
from app.desk.signing import remembered, signed
from app.replay.told import last_by
from streams.domain.errors import FreshforceError, Misconfigured, Refused
from streams.domain.identity import ConnectionName
from streams.domain.replay import Source

SOURCES: Final[Mapping[str, str]] = {
    Source.RECORDS.value: "records: derive the rows again with today's mapping",
    Source.EVENTS.value: "events: ask FreshBooks again",
    Source.COMMANDS.value: "commands: send again what was derived",
}
EMPTY: Final = {"connection": "", "source": "", "since": "", "only": "", "forced": ""}
"""A form that nobody has filled in."""


async def show(request: web.Request) -> web.Response:
    """Show the plans, the preview under way or done, and the form."""
    return await _shown(request)


async def preview(request: web.Request) -> web.Response:
    """Begin a preview; the page tells of it, and leads to its plan."""
    desk, form = desk_of(request), dict(await request.post())
    try:
        connection = desk.registry[ConnectionName(str(form.get("connection", "")))]
        wanted = asked(form, connection)
    except Misconfigured as wrong:
        return await _shown(request, 422, wrong, form)
    before = desk.works.get(PREVIEW)
    if before is not None and before.under_way:
        return await _shown(request, 409, _busy(), form)
    by = signed(request, form)
    desk.works.begin(PREVIEW, lambda begun: look(desk, connection, wanted, by, begun))
    return remembered(see("/replay"), form)


async def _shown(
    request: web.Request,
    status: int = 200,
    error: FreshforceError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> web.Response:
    desk = desk_of(request)
    connections = [each.name for each in desk.registry.all()]
    facts: dict[str, Any] = {
        "connections": connections,
        "sources": SOURCES,
        "typed": EMPTY | dict(typed or {}),
        "error": error,
        "work": desk.works.get(PREVIEW),
        "last_by": last_by,
        "plans": await desk.replays.all(),
    }
    return page(request, "replay/plans.html", status, **facts)


def _busy() -> Refused:
    message = "this preview was not begun: another one is under way"
    return Refused(
        message, "wait for it, then press Preview once more: what you typed stands in the form", "busy"
    )


ROUTES: Final = (web.get("/replay", show), web.post("/replay", preview))
