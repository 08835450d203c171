"""Which clients wait for a person to say which Account they are, and what was said of others."""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from app.desk.desk import Desk, desk_of
from app.desk.matches.at import account_link, client_page, waiting
from app.desk.matches.sure import sure_of
from app.desk.pages import page, see
from app.match.shown import best, grouped
from streams.domain.errors import Misconfigured
from streams.domain.identity import ConnectionName
from streams.domain.match import Match, MatchState
from streams.domain.matches import of_connection

MOST: Final = 200
"""Clients that a page lists; the command lists all."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One client, as the list has it."""

    match: Match
    best: int
    page: str
    link: str
    """The Account that it is, or may be first of all; empty: none."""
    behind: int
    """Its rows that wait."""


async def show(request: web.Request) -> web.Response:
    """Show who waits, the surest first; or, when asked for, whom a person or a sign has matched."""
    desk, everything = desk_of(request), "all" in request.query
    await desk.book.caught_up()
    names = [each.name for each in desk.registry.all()]
    found = [each for name in names for each in of_connection(desk.book.matches, name)]
    waiting = [each for each in found if each.state is MatchState.PROPOSED]
    shown = grouped(found if everything else waiting)
    facts: dict[str, Any] = {
        "connections": names,
        "waiting": len(waiting),
        "listed": await _listed(desk, shown[:MOST]),
        "more": max(0, len(shown) - MOST),
        "everything": everything,
        "sure": sure_of(desk, names),
    }
    return page(request, "matches/listed.html", **facts)


async def find(request: web.Request) -> web.Response:
    """Lead to a client's page."""
    name, number = request.query.get("connection", ""), request.query.get("client", "").strip()
    connection = desk_of(request).registry[ConnectionName(name)]
    if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**63):
        message = f"{number or 'nothing'} is no number of a client"
        raise Misconfigured(message, "give FreshBooks' own id, such as 4711", "no-client")
    return see(client_page(connection.name, int(number)))


async def _listed(desk: Desk, found: list[Match]) -> list[Listed]:
    waits = await waiting(desk, [(each.connection, each.client) for each in found])
    return [
        Listed(
            match,
            best(match),
            client_page(match.connection, match.client),
            account_link(desk.registry[match.connection], _first(match)),
            waits.get((match.connection, match.client), 0),
        )
        for match in found
    ]


def _first(match: Match) -> str:
    if match.account is not None:
        return match.account
    return max(match.candidates, key=lambda it: it.score).account if match.candidates else ""


ROUTES: Final = (web.get("/matches", show), web.get("/matches/find", find))
