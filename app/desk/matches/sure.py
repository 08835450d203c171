"""The clients that wait although one Account is sure: looked at together, each decided as it was shown."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, Final

from aiohttp import web

from app.desk.desk import Desk, connection_of, desk_of
from app.desk.matches import foreseen
from app.desk.matches.at import account_link, client_page, of_now, reason_of, refuse_busy, seen, sitting
from app.desk.matches.foreseen import Foreseen, Wish, said_by
from app.desk.pages import page, see
from app.desk.signing import remembered, signed
from app.desk.works import Work
from app.match.decide import surely
from app.match.desk import Desk as MatchDesk
from app.match.shown import overwriting
from app.salesforce.matching.score import Existing
from app.salesforce.matching.search import named
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Permanent, Transient
from streams.domain.identity import ClientId, ConnectionName, SalesforceId, digest
from streams.domain.match import MatchState
from streams.domain.matches import standing

MOST: Final = 100
"""Clients that are looked at in one go: the org is asked of each."""
ALSO: Final = "#now"
"""What of the page is renewed beside the work, once that is over."""


@dataclass(frozen=True, slots=True)
class Left:
    """A client of which nothing could be decided here, or not to its end."""

    client: ClientId
    why: FreshforceError
    stands: str | None
    """What was said of it then; None where the log did not tell any more whether it was decided."""
    decided: bool = False
    """The decision was written, and stands; what follows from it was not done."""


@dataclass(frozen=True, slots=True)
class Together:
    """What deciding all of them would do, or did."""

    looks: tuple[Foreseen, ...]
    accounts: Mapping[SalesforceId, Existing]
    left: tuple[Left, ...] = ()
    carried: bool = False
    """Each of `looks` was decided, and done."""
    away: Transient | None = None
    """What did not answer any more, before all were decided."""

    @property
    def seal(self) -> str:
        """What the form brings back: the same while each decision would do the same."""
        return digest("together", *(each.seal for each in self.looks))


async def show(request: web.Request) -> web.Response:
    """Show what deciding all sure ones would do, and what became of it."""
    desk, connection = desk_of(request), connection_of(request)
    work = desk.works.get(_key(connection))
    busy = work is not None and work.under_way
    if busy and "HX-Request" in request.headers:
        return page(request, "matches/live.html", work=work, also=ALSO)
    await desk.book.caught_up()
    work = work if busy else _of_now(desk, connection)
    plans = [it.plan for it in work.result.looks] if work and work.result else []
    facts: dict[str, Any] = {
        "connection": connection,
        "overwritten": next((overwriting(it.overwrites) for it in plans if it.overwrites), ""),
        "waiting": len([*surely(sitting(desk, connection))]),
        "most": MOST,
        "link": lambda account: account_link(connection, account),
        "page_of": lambda client: client_page(connection.name, client),
        "work": work,
        "busy": busy,
        "also": ALSO,
    }
    return page(request, "matches/sure.html", **facts)


async def act(request: web.Request) -> web.Response:
    """Look what deciding them would do, or decide what was shown."""
    desk, connection = desk_of(request), connection_of(request)
    form, key = await request.post(), _key(connection)
    refuse_busy(desk, key)
    if form.get("seal") is None:
        desk.works.begin(key, lambda begun: look(desk, connection, begun))
    else:
        shown = seen(desk, key, form, Together, "the page")
        reason, actor = reason_of(form), signed(request, form)
        desk.works.begin(key, lambda begun: decide(desk, connection, shown, reason, actor, begun))
    return remembered(see(sure_page(connection.name)), form)


async def look(desk: Desk, connection: Connection, begun: Work[Any]) -> Together:
    """Find out what deciding each would bring about; nothing is written.

    Raises:
        Transient: Salesforce or the log does not answer.
    """
    await desk.book.caught_up()
    here, looks, left = sitting(desk, connection), list[Foreseen](), list[Left]()
    for client, account in islice(surely(here), MOST):
        try:
            looks.append(await foreseen.look(desk, connection, Wish("accept", client, account), begun))
        except Permanent as hindered:
            left.append(Left(client, hindered, said_by(await here.standing(client))))
    accounts = await named(here.org, [SalesforceId(it.wish.other) for it in looks]) if looks else {}
    return Together(tuple(looks), accounts, tuple(left))


async def decide(  # noqa: PLR0913, PLR0917 - who decides what, why, and what he saw of it
    desk: Desk, connection: Connection, seen: Together, reason: str, actor: str, begun: Work[Any]
) -> Together:
    """Decide each as it was shown; one that would do something else by now is left for a person.

    Where Salesforce or the log answers no more, it ends there: what was decided stands, and is told.
    """
    here, done, left = sitting(desk, connection), list[Foreseen](), [*seen.left]
    away: Transient | None = None
    for each in seen.looks:
        deciding = partial(foreseen.decide, desk, connection, each, reason, actor, begun)
        try:
            match await _decided(here, each, deciding):
                case Foreseen() as decided:
                    done.append(decided)
                case Left() as stays:
                    left.append(stays)
                    if isinstance(stays.why, Transient):
                        away = stays.why
                        break
        except Transient as trouble:
            away = trouble
            break
    return replace(seen, looks=tuple(done), left=tuple(left), carried=True, away=away)


async def _decided(
    here: MatchDesk, each: Foreseen, deciding: Callable[[], Awaitable[Foreseen]]
) -> Foreseen | Left:
    """Decide one; what somebody else decided meanwhile is not taken for ours.

    Raises:
        Transient: Salesforce or the log does not answer; it was not decided.
    """
    client = each.wish.client
    before = said_by(await here.standing(client))
    try:
        return await deciding()
    except (Permanent, Transient) as hindered:
        left = await _left(here, each, before, hindered)
        if isinstance(hindered, Transient) and left.stands is not None and not left.decided:
            raise
        return left


async def _left(here: MatchDesk, each: Foreseen, before: str, why: FreshforceError) -> Left:
    """Return what became of one that was not decided to its end; `before` is what was said of it then."""
    client = each.wish.client
    try:
        match = await here.standing(client)
    except Transient:
        return Left(client, why, None)
    said = match is not None and (match.state, match.account) == (MatchState.LINKED, each.wish.other)
    return Left(client, why, said_by(match), decided=said and said_by(match) != before)


def sure_page(connection: str) -> str:
    """Return the address of a connection's sure ones."""
    return f"/matches/{connection}/sure"


def sure_of(desk: Desk, names: list[ConnectionName]) -> list[tuple[str, str, int]]:
    """Return the connections of which some client surely is an Account: name, page, how many clients."""
    found = ((name, len([*surely(sitting(desk, desk.registry[name]))])) for name in names)
    return [(name, sure_page(name), count) for name, count in found if count]


def _of_now(desk: Desk, connection: Connection) -> Work[Together] | None:
    matches = desk.book.matches

    def holds(shown: Together) -> bool:
        looks = (it.holds(standing(matches, connection.name, it.wish.client)) for it in shown.looks)
        left = (
            said_by(standing(matches, connection.name, it.client)) == it.stands
            for it in shown.left
            if it.stands is not None
        )
        return all(looks) and all(left)

    return of_now(desk, _key(connection), holds)


def _key(connection: Connection) -> Hashable:
    return "sure", connection.name


_PAGE: Final = "/matches/{name}/sure"
ROUTES: Final = (web.get(_PAGE, show), web.post(_PAGE, act))
