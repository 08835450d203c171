"""The dashboard's first page: what flows, how fast, what failed, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from app.desk.dashboard.figures import MINUTES, Card, cards
from app.desk.dashboard.roles import Role, roles
from app.desk.desk import Desk, desk_of
from app.desk.pages import page, see
from app.desk.wizard.shown import steps_of
from app.view.flow import MINUTE, Waiting, counted, waiting
from app.view.latency import Spread, spreads, walks
from app.view.letters import Group, groups, letters
from streams.domain.errors import FreshforceError

FRESH: Final = timedelta(seconds=4)
"""So long an answer of the database serves everybody who looks."""
HOUR: Final = timedelta(minutes=MINUTES)
PARKED_SINCE: Final = timedelta(days=30)
MOST: Final = 50
MOST_LETTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """All figures of one moment."""

    at: datetime
    cards: list[Card]
    spreads: list[Spread]
    failures: list[Group]
    parked: list[Waiting]
    roles: list[Role]
    aside: frozenset[str]
    """Connections that wait for their vendor."""


async def show(request: web.Request) -> web.Response:
    """Show the dashboard; an installation without connections begins with its first."""
    desk = desk_of(request)
    if not desk.registry.connections:
        return see("/connections")
    try:
        shown = await _figures(desk)
    except FreshforceError as error:
        return page(request, "problem.html", 503, code=error.code, says=str(error), mend=error.mend)
    states = {each.name: steps_of(request, each) for each in desk.registry.connections.values()}
    facts: dict[str, Any] = {"shown": shown, "states": states, "connections": desk.registry.connections}
    return page(request, "dashboard.html", still="still" in request.query, most=MOST, **facts)


async def health(request: web.Request) -> web.Response:
    """Return what each role of this machine says of itself, for a monitor; 503 unless all are ready."""
    found = await roles(desk_of(request).settings.home)
    ready = bool(found) and all(role.ready for role in found)
    said = {role.name: {"ready": role.ready, "lag": dict(role.lag), "aside": role.aside} for role in found}
    return web.json_response({"ready": ready, "roles": said}, status=200 if ready else 503)


async def _figures(desk: Desk) -> Shown:
    """Return the figures, taken anew when the last ones are stale: one look serves everybody."""
    async with desk.looking:
        now = desk.registry.clock()
        if isinstance(desk.seen, Shown) and now - desk.seen.at < FRESH:
            return desk.seen
        desk.seen = await _look(desk, now)
        return desk.seen


async def _look(desk: Desk, now: datetime) -> Shown:
    store = await desk.store()
    counts = await counted(store, now - HOUR)
    told = await letters(store, most=MOST_LETTERS)
    running = await roles(desk.settings.home)
    return Shown(
        at=now,
        cards=cards(desk.registry.connections, counts, int(now.timestamp() * 1000) // MINUTE),
        spreads=spreads(await walks(store, now - HOUR)),
        failures=groups(letter for letter in told if letter.closed is None),
        parked=await waiting(store, now - PARKED_SINCE, MOST + 1),
        roles=running,
        aside=frozenset(name for role in running for name in role.aside),
    )


ROUTES: Final = (web.get("/", show), web.get("/health/roles", health))
