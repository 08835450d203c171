"""From a code to a connection, as the command goes where nobody is asked anything but the account."""

from collections.abc import Callable

from aiohttp import ClientSession

from app.connect.accounts import Candidate, shortlist
from app.connect.consent import Pasted
from app.connect.freshbooks import allowed, join, trade
from app.connect.revoking import Unjoined
from app.freshbooks.oauth import OAuthApp
from app.registry import Registry
from streams.domain.connection import Connection
from streams.domain.errors import Permanent

Choose = Callable[[tuple[Candidate, ...]], Candidate]


def the_only_one(found: tuple[Candidate, ...]) -> Candidate:
    (account,) = shortlist("", found)
    return account


async def joined(  # noqa: PLR0913, PLR0917 - who, as what, with what, to which
    registry: Registry,
    session: ClientSession,
    connection: Connection,
    app: OAuthApp,
    code: Pasted,
    choose: Choose = the_only_one,
    *,
    other_account: bool = False,
) -> Connection:
    """Trade the code, choose the account, write grant and connection; return the connection."""
    tokens, found = await trade(registry, session, connection, app, code)
    async with Unjoined(registry, session, connection, app, tokens).revoked_on(Permanent):
        account = choose(allowed(connection, found, other_account=other_account))
        return await join(registry, connection, app, tokens, account)
