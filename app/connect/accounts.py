"""Which FreshBooks accounts a token can read, from what FreshBooks says of its user (facts, 2.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streams.domain.errors import Refused
from streams.domain.identity import AccountId


class NoAccount(Refused):
    """The user has no accounting account, or not the one asked for."""

    code = "no-account"
    mend = "consent as the owner or an admin of the business"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that could be meant."""

    account: AccountId
    business: str
    role: str


def candidates(me: dict[str, Any]) -> tuple[Candidate, ...]:
    """Return the accounts in `me`, each once, memberships before roles.

    A membership's account may be null; then only `roles` tells it. An account where the user is but a
    client of somebody's is none of ours.
    """
    found = [c for c in (*_memberships(me), *_roles(me)) if c.role != "client"]
    return tuple({c.account: c for c in reversed(found)}.values())[::-1]


def shortlist(wanted: str, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the accounts that may be meant, one at least; `wanted` is empty when nobody said which.

    Raises:
        NoAccount: there is none, or `wanted` is not among them.
    """
    matching = tuple(c for c in found if wanted in ("", c.account))
    if not matching:
        among = f"; there are {', '.join(c.account for c in found)}" if found else ""
        message = f"the user has no FreshBooks account {wanted}".rstrip() + among
        raise NoAccount(message)
    return matching


def _memberships(me: dict[str, Any]) -> Iterator[Candidate]:
    for membership in _dicts(me.get("business_memberships")):
        business = membership.get("business")
        if isinstance(business, dict) and business.get("account_id"):
            name, role = business.get("name") or "", membership.get("role") or ""
            yield Candidate(AccountId(str(business["account_id"])), str(name), str(role))


def _roles(me: dict[str, Any]) -> Iterator[Candidate]:
    for role in _dicts(me.get("roles")):
        if role.get("accountid"):
            yield Candidate(AccountId(str(role["accountid"])), "", str(role.get("role") or ""))


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
