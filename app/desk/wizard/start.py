"""Connections: which there are, a new one, and where to go on with one."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from app.connect.naming import connection_name
from app.connect.pausing import pause
from app.desk.desk import connection_of, desk_of
from app.desk.pages import page, see
from app.desk.wizard.shown import steps_of
from app.desk.wizard.steps import Step, next_step
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection as the list shows it."""

    connection: Connection
    steps: tuple[Step, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """What is not done; the looks that leave nothing behind do not count."""
        return tuple(s.title for s in self.steps if not s.well and s.slug not in {"fields", "check"})


async def every(request: web.Request) -> web.Response:
    """List all connections."""
    return _list(request)


async def begin(request: web.Request) -> web.Response:
    """Write down a new connection's name and lead to its first step."""
    form = await request.post()
    typed = str(form.get("name", "")).strip()
    registry = desk_of(request).registry
    try:
        name = connection_name(typed)
    except Misconfigured as wrong:
        return _list(request, 422, typed, wrong)
    await registry.read_on()
    if name not in {each.name for each in registry.all()}:
        connection = registry.taken(name)
        await registry.keep(connection)
        await registry.note(connection, Verdict.CONFIGURED, "the connection was named")
    return see(f"/connections/{name}/freshbooks")


async def go_on(request: web.Request) -> web.Response:
    """Lead to the first step that is not done."""
    connection = connection_of(request)
    return see(f"/connections/{connection.name}/{next_step(steps_of(request, connection))}")


async def set_paused(request: web.Request) -> web.Response:
    """Pause or resume writing to Salesforce."""
    connection = connection_of(request)
    paused = (await request.post()).get("paused") == "yes"
    await pause(desk_of(request).registry, connection.name, paused=paused)
    return see("/connections")


def _list(
    request: web.Request, status: int = 200, typed: str = "", error: Misconfigured | None = None
) -> web.Response:
    found = desk_of(request).registry.all()
    shown = [Shown(connection, steps_of(request, connection)) for connection in found]
    return page(request, "connections.html", status, shown=shown, typed=typed, error=error)


ROUTES: Final = (
    web.get("/connections", every),
    web.post("/connections", begin),
    web.get("/connections/{name}", go_on),
    web.post("/connections/{name}/paused", set_paused),
)
