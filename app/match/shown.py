"""Matches and plans as people and programs read them. Names come from the org, when it is asked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table

from app.match.plan import Plan
from app.salesforce.matching.score import Existing
from streams.domain.match import Match, MatchState

_FEW = 3
_ORDER = (MatchState.PROPOSED, MatchState.LINKED, MatchState.JOINED, MatchState.SEPARATE, MatchState.UNDONE)


def grouped(found: Iterable[Match]) -> list[Match]:
    """Return what waits first, and of that the surest; then by client."""
    return sorted(found, key=lambda it: (_ORDER.index(it.state), -best(it), it.client))


def best(match: Match) -> int:
    """Return the score of the candidate that is most like the client."""
    return max((it.score for it in match.candidates), default=0)


def table(found: Sequence[Match]) -> Table:
    """Return a table for a terminal."""
    shown = Table("client", "state", "Account", "best", "why")
    for match in found:
        shown.add_row(str(match.client), match.state.value, _accounts(match), str(best(match)), match.reason)
    return shown


def _accounts(match: Match) -> str:
    if match.to is not None:
        return f"that of client {match.to}"
    if match.account:
        return match.account
    first = ", ".join(it.account for it in match.candidates[:_FEW])
    more = len(match.candidates) - _FEW
    return f"{first} and {more} more" if more > 0 else first or "-"


def plain_match(match: Match, accounts: Sequence[Existing] = ()) -> dict[str, Any]:
    """Return a match for programs; with `accounts`, what the org says of them."""
    names = {it.id: it for it in accounts}
    told = match.model_dump(mode="json", exclude={"kind", "id", "asked", "author", "after"})
    for each in told["candidates"]:
        if (account := names.get(each["account"])) is not None:
            each |= {"name": account.name, "phone": account.phone, "holder": account.holder}
    return told


def account_lines(match: Match, accounts: Sequence[Existing]) -> Iterator[str]:
    """Yield a line for each Account that the client may be, or is."""
    there = {it.id: it for it in accounts}
    for each in match.candidates:
        account = there.get(each.account)
        name = "not there any more" if account is None else _named(account)
        yield f"  {each.account}  {each.score:3d}  {name}  ({', '.join(each.reasons)})"
    if match.account is not None and match.account not in {it.account for it in match.candidates}:
        account = there.get(match.account)
        yield f"  {match.account}  {'not there any more' if account is None else _named(account)}"


def way_on(match: Match) -> Iterator[str]:
    """Yield what a person does about a client that waits."""
    if match.state is MatchState.PROPOSED:
        of = f"{match.connection} {match.client}"
        account = match.candidates[0].account if len(match.candidates) == 1 else "ACCOUNT_ID"
        yield (
            f"say `freshforce match accept {of} {account} --apply`, or, for a new Account,"
            f" `freshforce match reject {of} --apply`. What people make or mend in Salesforce is looked at"
            f" every quarter of an hour or more seldom, by `freshforce poll {match.connection}` at once"
        )


def _named(account: Existing) -> str:
    held = f", carries {account.holder}" if account.holder else ""
    return ", ".join(filter(None, (account.name, account.phone))) + held


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what a plan says, line by line."""
    to = "" if plan.to is None else f"to client {plan.to} on"
    yield " ".join(filter(None, (f"client {plan.client}: {plan.state.value}", to, plan.account)))
    yield f"  {plan.says}"
    if plan.overwrites:
        yield f"  {overwriting(plan.overwrites)}"
    if plan.moves is None:
        return
    target = plan.moves.target or "a new Account"
    for row in plan.moves.rows:
        yield f"  {row.sobject} {row.id} {row.external_id} ({row.name}): from {plan.moves.source} to {target}"
    for name, value in plan.moves.cleared.items():
        if value is not None:
            yield f"  Account {plan.moves.source} {name}: {value} → (empty)"


def overwriting(names: Sequence[str]) -> str:
    """Return what becomes of the fields that an Account had before it was a client's."""
    return f"FreshBooks' values replace what is in the Account's {', '.join(names)}, empty ones too"


def plain_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan for programs."""
    moves = plan.moves
    return {
        "client": plan.client,
        "state": plan.state.value,
        "account": plan.account,
        "joins": plan.to,
        "leaves": plan.leaves,
        "says": plan.says,
        "overwrites": [*plan.overwrites],
        "done": plan.done,
        "from": moves.source if moves else None,
        "to": moves.target if moves else None,
        "rows": [
            {"object": it.sobject, "id": it.id, "external_id": it.external_id, "name": it.name}
            for it in (moves.rows if moves else ())
        ],
        "cleared": {k: str(v) for k, v in (moves.cleared if moves else {}).items() if v is not None},
    }
