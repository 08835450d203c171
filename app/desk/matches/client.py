"""One client: what FreshBooks says of it, the Accounts that it may be, and the buttons that decide."""

import asyncio
from collections.abc import Hashable, Mapping
from typing import Any, Final, NamedTuple

from aiohttp import web

from app.connect.tokens import with_token
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.matches.at import (
    account_link,
    client_page,
    of_now,
    reason_of,
    refuse_busy,
    seen,
    sitting,
    waiting,
)
from app.desk.matches.foreseen import Foreseen, Wish, decide, look
from app.desk.pages import page, see
from app.desk.signing import remembered, signed
from app.desk.works import Work
from app.mapping.shown import said
from app.match.shown import plan_lines
from app.salesforce.matching.score import Existing
from app.salesforce.matching.search import named
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Unreachable
from streams.domain.grant import Side
from streams.domain.identity import ClientId, ObjectKind, SalesforceId
from streams.domain.match import Match
from streams.domain.matches import members
from streams.domain.snapshot import Client
from streams.ports import Reading

PATIENCE: Final = 4.0
"""Seconds that a page waits for FreshBooks or Salesforce to say names; without them it shows numbers."""
ALSO: Final = "#now,#may,#acts,#accept-go,#join-go"
"""What of the page is renewed beside the work, once that is over: nothing that somebody types into."""


class Named(NamedTuple):
    """What the vendors say of a client and of the Accounts that it may be; or why they say nothing."""

    told: tuple[Client | None, FreshforceError | None]
    accounts: tuple[Mapping[SalesforceId, Existing], FreshforceError | None]


async def show(request: web.Request) -> web.Response:
    """Show how it stands with a client, and what was last wished of it; while that lasts, how far it is."""
    desk, connection, client = desk_of(request), connection_of(request), _client(request)
    work = desk.works.get(_key(connection, client))
    busy = work is not None and work.under_way  # before the match is read: it may end while we ask
    if busy and "HX-Request" in request.headers:
        return page(request, "matches/live.html", work=work, also=ALSO)
    match = await sitting(desk, connection).standing(client)
    work = work if busy else of_now(desk, _key(connection, client), lambda shown: shown.holds(match))
    (told, untold), (accounts, hidden) = await _named(desk, connection, client, match, work)
    facts: dict[str, Any] = {
        "connection": connection,
        "client": client,
        "match": match,
        "told": told,
        "untold": untold,
        "accounts": accounts,
        "hidden": hidden,
        "link": lambda account: account_link(connection, account),
        "shared_by": members(desk.book.matches, connection.name, client),
        "behind": (await waiting(desk, [(connection.name, client)])).get((connection.name, client), 0),
        "work": work,
        "busy": busy,
        "also": ALSO,
        "said": said,
        "lines": [*plan_lines(work.result.plan)] if work and work.result else [],
    }
    return page(request, "matches/client.html", **facts)


async def _named(
    desk: Desk, connection: Connection, client: ClientId, match: Match | None, work: Work[Foreseen] | None
) -> Named:
    """Return what both vendors say, asked once while a work lasts: a page that waits costs no calls."""
    lasting = work if work is not None and work.under_way else None
    if lasting is not None and isinstance(lasting.beside, Named):
        return lasting.beside
    told, accounts = await asyncio.gather(_told(desk, connection, client), _accounts(desk, connection, match))
    found = Named(told, accounts)
    if lasting is not None:
        lasting.beside = found
    return found


async def act(request: web.Request) -> web.Response:
    """Look what a decision would do, or decide what was shown."""
    desk, connection, client = desk_of(request), connection_of(request), _client(request)
    form, key = await request.post(), _key(connection, client)
    refuse_busy(desk, key)
    if form.get("seal") is None:
        wish = Wish.of(form, client)
        desk.works.begin(key, lambda begun: look(desk, connection, wish, begun))
    else:
        shown = seen(desk, key, form, Foreseen, "the client's page")
        reason, actor = reason_of(form), signed(request, form)
        desk.works.begin(key, lambda begun: decide(desk, connection, shown, reason, actor, begun))
    return remembered(see(f"{client_page(connection.name, client)}#decision"), form)


async def _told(
    desk: Desk, connection: Connection, client: ClientId
) -> tuple[Client | None, FreshforceError | None]:
    """Return what FreshBooks says of a client now, or why it says nothing."""

    async def asked(token: str) -> Reading:
        return await desk.books.account(connection, token).read(ObjectKind.CLIENT, client)

    if desk.registry.grants.sealed(connection.name, Side.FRESHBOOKS) is None:
        return None, None
    try:
        async with asyncio.timeout(PATIENCE):
            found = (await with_token(desk.books.tokens, connection, asked, PATIENCE)).snapshot
    except TimeoutError:
        return None, _silent("FreshBooks")
    except FreshforceError as wrong:
        return None, wrong
    return (found if isinstance(found, Client) else None), None


async def _accounts(
    desk: Desk, connection: Connection, match: Match | None
) -> tuple[Mapping[SalesforceId, Existing], FreshforceError | None]:
    """Return what the org says of the Accounts that the client may be, or why it says nothing."""
    asked = [] if match is None else [it.account for it in match.candidates]
    if match is not None and match.account is not None:
        asked.append(match.account)
    if not asked:
        return {}, None
    try:
        async with asyncio.timeout(PATIENCE):
            return await named(desk.orgs.org(connection.name), dict.fromkeys(asked)), None
    except TimeoutError:
        return {}, _silent("Salesforce")
    except FreshforceError as wrong:
        return {}, wrong


def _silent(api: str) -> FreshforceError:
    return Unreachable(api, f"no answer within {PATIENCE:g} s")


def _client(request: web.Request) -> ClientId:
    return ClientId(int(request.match_info["client"]))


def _key(connection: Connection, client: ClientId) -> Hashable:
    return "match", connection.name, client


_PAGE: Final = r"/matches/{name}/{client:[1-9][0-9]{0,17}}"
ROUTES: Final = (web.get(_PAGE, show), web.post(_PAGE, act))
