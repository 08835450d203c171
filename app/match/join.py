"""Join a client to another one's Account, and split it off again: what either would do; only reads."""

from app.match.desk import CannotMatch, Desk
from app.match.moves import own_account
from app.match.plan import Plan
from streams.domain.identity import ClientId
from streams.domain.match import Match, MatchState
from streams.domain.matches import members


async def plan_join(desk: Desk, client: ClientId, to: ClientId) -> Plan:
    """Return what it brings about that `client` shares the Account of the client `to`.

    Who names a client that shares one itself means the Account that both then share.

    Raises:
        CannotMatch: they are the same, others share this one's Account, or there is none to share.
    """
    match, other = await desk.standing(client), await desk.standing(to)
    if other is not None and other.to is not None:
        to = other.to
    _refuse_odd(desk, client, to)
    account = await own_account(desk, to)
    if account is None:
        message = f"no Account of the org carries the number of client {to} yet: there is none to share"
        mend = (
            f"wait for it, or say which it is: freshforce match accept {desk.connection.name} {to} ACCOUNT_ID"
        )
        raise CannotMatch(message, mend)
    says = f"it shares {account.id}, which shows the sums of both; every client keeps its own Contact"
    own = await own_account(desk, client)
    if own is not None:
        says += f"; {own.id} keeps its number and shows no more money: merge it in Salesforce, or leave it"
    done = match is not None and match.to == to
    return Plan(client, MatchState.JOINED, account.id, says, done=done, to=to, leaves=left(match, to))


def plan_split(client: ClientId, match: Match) -> Plan:
    """Return what it brings about that a joined client shares no Account any longer."""
    says = (
        f"it shares the Account of client {match.to} no longer: it gets back the one that carries its number"
    )
    return Plan(client, MatchState.UNDONE, None, f"{says}, or a new one", leaves=match.to)


def left(match: Match | None, to: ClientId | None = None) -> ClientId | None:
    """Return whose Account a client shares so far, and would not if it came to share that of `to`."""
    return None if match is None or match.to == to else match.to


def _refuse_odd(desk: Desk, client: ClientId, to: ClientId) -> None:
    if client == to:
        message = f"client {client} shares that Account already: it is its own"
        raise CannotMatch(message, "name another client")
    name = desk.connection.name
    if others := members(desk.book.matches, name, client):
        message = f"the Account of client {client} is shared by {', '.join(map(str, others))}"
        raise CannotMatch(message, f"first: freshforce match undo {name} {others[0]} (and so on for each)")
