"""Accept, reject, undo: what each would do, and doing it. All are safe to repeat after a crash."""

from collections.abc import Iterator

from app.match.desk import CannotMatch, Desk
from app.match.join import left, plan_join, plan_split
from app.match.moves import moves, own_account, take_off, the_account
from app.match.plan import Plan
from app.salesforce.matching.link import Hindered, Linked, link
from app.salesforce.ours import FIELDS
from streams.domain.command import SObject
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import Match, MatchState
from streams.domain.matches import members, of_connection
from streams.mapping.reading import read


async def plan_accept(desk: Desk, client: ClientId, account: SalesforceId) -> Plan:
    """Return what it brings about that the client is `account`; only reads.

    If that is another client's already, the two come to share it.

    Raises:
        CannotMatch: there is no such Account, or it cannot be shared.
    """
    there, key = await the_account(desk, account), desk.key(client)
    if there.holder not in {"", key}:
        return await plan_join(desk, client, _holder(desk, there.holder, there.id))
    own, match = await own_account(desk, client), await desk.standing(client)
    leaves = left(match)
    if own is None:
        says = "it gets the client's number, and what waits goes"
        overwrites = _overwritten(desk)
        return Plan(client, MatchState.LINKED, there.id, says, leaves=leaves, overwrites=overwrites)
    if own.id == there.id:
        done = match is not None and (match.state, match.account) == (MatchState.LINKED, there.id)
        says = "it carries the client's number already"
        return Plan(client, MatchState.LINKED, there.id, says, done=done, leaves=leaves)
    leaving = await moves(desk, client, own.id, there.id)
    says, overwrites = f"the client leaves {own.id}", _overwritten(desk)
    return Plan(client, MatchState.LINKED, there.id, says, leaving, leaves=leaves, overwrites=overwrites)


def _overwritten(desk: Desk) -> tuple[str, ...]:
    """Return the fields of Accounts that the mapping writes and that are the org's, in the file's order."""
    mapping = read(desk.connection.mapping)
    sheets = filter(None, (mapping.account, mapping.person_account))
    names = dict.fromkeys(name for sheet in sheets for name in sheet.sources)
    return tuple(name for name in names if name not in FIELDS[SObject.ACCOUNT])


def _holder(desk: Desk, external_id: str, account: SalesforceId) -> ClientId:
    """Return the client whose number an Account carries: one of the same FreshBooks account."""
    books, _, number = external_id.rpartition(":")
    if desk.key(ClientId(0)) != f"{books}:0" or not number.isascii() or not number.isdigit():
        message = f"Account {account} carries the number of a client of other books: {external_id}"
        raise CannotMatch(message, "clients of one FreshBooks account can share an Account, others cannot")
    return ClientId(int(number))


async def plan_reject(desk: Desk, client: ClientId) -> Plan:
    """Return what it brings about that the client is none of the org's Accounts; only reads.

    Raises:
        CannotMatch: it has one already.
    """
    own, match = await own_account(desk, client), await desk.standing(client)
    if match is not None and match.to is not None:
        message = f"client {client} shares the Account of client {match.to}"
        raise CannotMatch(message, f"freshforce match undo {desk.connection.name} {client}")
    if own is None:
        return Plan(client, MatchState.SEPARATE, None, "it gets an Account of its own, and what waits goes")
    if match is not None and match.state in {MatchState.SEPARATE, MatchState.UNDONE}:
        return Plan(client, match.state, None, f"it has one of its own: {own.id}", done=True)
    message = f"client {client} is Account {own.id} already"
    raise CannotMatch(message, f"freshforce match undo {desk.connection.name} {client}")


async def plan_undo(desk: Desk, client: ClientId) -> Plan:
    """Return what it brings about that the client is not the Account it was linked or joined to; only reads.

    Raises:
        CannotMatch: it was not.
    """
    match, own = await desk.standing(client), await own_account(desk, client)
    if match is not None and match.state is MatchState.JOINED:
        return plan_split(client, match)
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
    before = await desk.standing(plan.client)
    if plan.done:
        if plan.to is not None and before is not None:
            await desk.tell(before, again=False)  # whoever decided may have died before it was told
        return None
    match = await desk.decide(plan.client, plan.state, plan.account, reason, plan.to)
    if plan.to is not None:
        await _refuse_chain(desk, plan.client, plan.to, before)
    if plan.moves is not None:
        await take_off(desk, plan.moves)
    if plan.state is MatchState.LINKED and plan.account is not None:
        await _link(desk, plan.client, plan.account)
    waited = before is None or before.state is MatchState.PROPOSED
    told = waited or (plan.of_joined and plan.state is not MatchState.LINKED)
    await desk.tell(match, again=plan.moves is not None or not told)
    return match


async def _refuse_chain(desk: Desk, client: ClientId, to: ClientId, before: Match | None) -> None:
    """Take a decision back if another one, made at the same moment, makes a chain of the two.

    Whoever of the two looks last sees both; if each does, neither stands.
    """
    other = await desk.standing(to)
    if (other is None or other.to is None) and not members(desk.book.matches, desk.connection.name, client):
        return
    state = MatchState.UNDONE if before is None else before.state
    account, home = (None, None) if before is None else (before.account, before.to)
    why = "somebody joined one of the two at the same moment"
    await desk.tell(await desk.decide(client, state, account, why, home), again=False)
    message = f"client {client} was not joined to client {to}: {why}"
    raise CannotMatch(message, f"look again: freshforce match show {desk.connection.name} {to}")


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
