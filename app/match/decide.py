"""Accept, reject, undo: what each would do, and doing it. All are safe to repeat after a crash."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.match.desk import CannotMatch, Desk
from app.match.moves import Moves, moves, own_account, take_off, the_account
from app.salesforce.matching.link import Hindered, Linked, link
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import Match, MatchState
from streams.domain.matches import of_connection


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision brings about."""

    client: ClientId
    state: MatchState
    account: SalesforceId | None
    says: str
    moves: Moves | None = None
    """What leaves the Account that the client is now; None when it is none yet."""
    done: bool = False
    """It is so already."""


async def plan_accept(desk: Desk, client: ClientId, account: SalesforceId) -> Plan:
    """Return what it brings about that the client is `account`; only reads.

    Raises:
        CannotMatch: there is no such Account, or it is another client's.
    """
    there, key = await the_account(desk, account), desk.key(client)
    if there.holder not in {"", key}:
        message = f"Account {there.id} carries another FreshBooks client's number: {there.holder}"
        raise CannotMatch(message, _SHARED.format(name=desk.connection.name))
    own, match = await own_account(desk, client), await desk.standing(client)
    if own is None:
        return Plan(client, MatchState.LINKED, there.id, "it gets the client's number, and what waits goes")
    if own.id == there.id:
        done = match is not None and (match.state, match.account) == (MatchState.LINKED, there.id)
        return Plan(client, MatchState.LINKED, there.id, "it carries the client's number already", done=done)
    leaving = await moves(desk, client, own.id, there.id)
    return Plan(client, MatchState.LINKED, there.id, f"the client leaves {own.id}", leaving)


_SHARED = (
    "two clients on one Account are not joined: merge the clients in FreshBooks, or give this one an Account "
    "of its own (`freshforce match reject {name} CLIENT`) with that one as its parent"
)


async def plan_reject(desk: Desk, client: ClientId) -> Plan:
    """Return what it brings about that the client is none of the org's Accounts; only reads.

    Raises:
        CannotMatch: it has one already.
    """
    own = await own_account(desk, client)
    if own is None:
        return Plan(client, MatchState.SEPARATE, None, "it gets an Account of its own, and what waits goes")
    match = await desk.standing(client)
    if match is not None and match.state in {MatchState.SEPARATE, MatchState.UNDONE}:
        return Plan(client, match.state, None, f"it has one of its own: {own.id}", done=True)
    message = f"client {client} is Account {own.id} already"
    raise CannotMatch(message, f"freshforce match undo {desk.connection.name} {client}")


async def plan_undo(desk: Desk, client: ClientId) -> Plan:
    """Return what it brings about that the client is not the Account it was linked to; only reads.

    Raises:
        CannotMatch: it was not linked.
    """
    match, own = await desk.standing(client), await own_account(desk, client)
    linked = match is not None and match.state in {MatchState.LINKED, MatchState.UNDONE}
    if match is None or not linked:
        message = f"client {client} was not linked to an Account that was there before"
        raise CannotMatch(message, f"freshforce match accept {desk.connection.name} {client} ACCOUNT_ID")
    if own is None:
        return Plan(client, MatchState.UNDONE, match.account, "no Account carries its number: it gets one")
    if match.state is MatchState.UNDONE and own.id != match.account:
        return Plan(client, MatchState.UNDONE, match.account, f"it is {own.id} by now", done=True)
    leaving = await moves(desk, client, own.id, None)
    return Plan(client, MatchState.UNDONE, own.id, "it gets an Account of its own", leaving)


async def carry_out(desk: Desk, plan: Plan, reason: str) -> Match | None:
    """Do what the plan says: the decision first, then the org, then the rows; None when it was so already.

    Raises:
        CannotMatch: something is in the way; the decision stands, repeat it after the mend.
    """
    if plan.done:
        return None
    before = await desk.standing(plan.client)
    match = await desk.decide(plan.client, plan.state, plan.account, reason)
    if plan.moves is not None:
        await take_off(desk, plan.moves)
    if plan.state is MatchState.LINKED and plan.account is not None:
        await _link(desk, plan.client, plan.account)
    waited = before is None or before.state is MatchState.PROPOSED
    await desk.tell(match, again=plan.moves is not None or not waited)
    return match


async def _link(desk: Desk, client: ClientId, account: SalesforceId) -> None:
    match (await link(desk.org, {account: desk.key(client)}))[account]:
        case Linked.DONE:
            return
        case Hindered(refusal=refusal):
            message = f"{account}: {refusal.reason}"
            raise CannotMatch(message, refusal.mend)
        case Linked.GONE | Linked.TAKEN:
            message = f"Account {account} went, or became another client's, in this very moment"
            raise CannotMatch(message, "look again: freshforce match show")


def surely(desk: Desk) -> Iterator[tuple[ClientId, SalesforceId]]:
    """Yield the clients that wait although one Account is sure, unless two want the same one."""
    sure: dict[SalesforceId, list[ClientId]] = {}
    for match in of_connection(desk.book.matches, desk.connection.name):
        best = [it.account for it in match.candidates if it.sure]
        if match.state is MatchState.PROPOSED and len(best) == 1:
            sure.setdefault(best[0], []).append(match.client)
    for account, clients in sure.items():
        if len(clients) == 1:
            yield clients[0], account
