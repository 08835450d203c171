"""Step 3, fields: what the org lacks of what we need; added by us, or deployed by an admin."""

import io
import zipfile
from typing import Final

from aiohttp import web

from app.connect.salesforce import org
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.shown import step_page
from app.desk.works import Work
from app.salesforce.setup.apply import apply, steps
from app.salesforce.setup.export import files
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from streams.domain.connection import Connection
from streams.mapping.reading import read

WHAT: Final = "fields"
_THEN: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the archive: the same source is the same archive, to the byte."""


async def show(request: web.Request) -> web.Response:
    """Show how the org stands; the first visit looks."""
    desk, connection = desk_of(request), connection_of(request)
    work = desk.works.get((connection.name, WHAT))
    if work is None and connection.salesforce_domain:
        work = desk.works.begin((connection.name, WHAT), lambda begun: _look(desk, connection, begun))
    return _shown(request, connection, work)


async def act(request: web.Request) -> web.Response:
    """Look again, or add what is missing."""
    desk, connection = desk_of(request), connection_of(request)
    wanted = (await request.post()).get("do") == "apply"
    doing = _apply if wanted else _look
    desk.works.begin((connection.name, WHAT), lambda begun: doing(desk, connection, begun))
    desk.works.forget((connection.name, "check"))
    return see(f"/connections/{connection.name}/fields")


async def source(request: web.Request) -> web.Response:
    """Return the same as SFDX source, for an admin who deploys by hand."""
    connection = connection_of(request)
    made = files(connection.salesforce_api_version, lines=read(connection.mapping).lines)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(made.items()):
            archive.writestr(zipfile.ZipInfo(f"freshforce-setup/{path}", _THEN), text)
    named = {"Content-Disposition": 'attachment; filename="freshforce-setup.zip"'}
    return web.Response(body=packed.getvalue(), content_type="application/zip", headers=named)


def _shown(request: web.Request, connection: Connection, work: Work[list[Item]] | None) -> web.Response:
    items = (work.result if work else None) or []
    counts = {state.value: sum(item.state is state for item in items) for state in State}
    lacking = any(item.state is State.MISSING for item in items)
    return step_page(request, connection, WHAT, work=work, items=items, counts=counts, lacking=lacking)


async def _look(desk: Desk, connection: Connection, begun: Work[list[Item]]) -> list[Item]:
    begun.says = "looking at the org"
    client = org(desk.registry, desk.send, connection, allow_http=desk.settings.allow_http_vendors)
    return plan(await look(client), connection.name)


async def _apply(desk: Desk, connection: Connection, begun: Work[list[Item]]) -> list[Item]:
    begun.says = "looking at the org"
    client = org(desk.registry, desk.send, connection, allow_http=desk.settings.allow_http_vendors)
    found = await look(client)
    begun.of = steps(found)
    return await apply(client, found, begun.tell)


ROUTES: Final = (
    web.get("/connections/{name}/fields", show),
    web.post("/connections/{name}/fields", act),
    web.get("/connections/{name}/fields/source.zip", source),
)
