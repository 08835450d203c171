"""The end of the wizard: real calls to both sides, green or red, with a mend for what is red."""

from typing import Final

from aiohttp import web

from app.connect.checkup import Checkup
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.shown import step_page
from app.desk.works import Work
from app.salesforce.checkup import Finding
from streams.domain.connection import Connection

WHAT: Final = "check"


async def show(request: web.Request) -> web.Response:
    """Show what the last check found; the first visit makes one."""
    desk, connection = desk_of(request), connection_of(request)
    work = desk.works.get((connection.name, WHAT)) or _begin(desk, connection)
    findings = work.result or []
    well = bool(findings) and all(each.well for each in findings)
    return step_page(request, connection, WHAT, work=work, findings=findings, well=well)


async def again(request: web.Request) -> web.Response:
    """Check again."""
    desk, connection = desk_of(request), connection_of(request)
    _begin(desk, connection)
    return see(f"/connections/{connection.name}/check")


def _begin(desk: Desk, connection: Connection) -> Work[list[Finding]]:
    return desk.works.begin((connection.name, WHAT), lambda begun: _check(desk, connection, begun))


async def _check(desk: Desk, connection: Connection, begun: Work[list[Finding]]) -> list[Finding]:
    begun.says = "asking FreshBooks and Salesforce"
    checkup = Checkup(desk.registry, desk.session, desk.send, desk.settings.allow_http_vendors)
    return await checkup.both(connection)


ROUTES: Final = (
    web.get("/connections/{name}/check", show),
    web.post("/connections/{name}/check", again),
)
