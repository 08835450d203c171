"""How much an Account is like a client, and what follows: pure, so that anybody can do the sum again."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.salesforce.matching.names import digits, mailbox, same_name
from streams.domain.identity import SalesforceId
from streams.domain.match import Candidate


class Sign(StrEnum):
    """One thing that speaks for an Account."""

    EMAIL = "same e-mail"
    CONTACT = "same e-mail as a Contact of it"
    NAME = "same name"
    PHONE = "same phone"


WEIGHTS: Final = {Sign.EMAIL: 50, Sign.CONTACT: 50, Sign.NAME: 40, Sign.PHONE: 30}
SURE: Final = 70
"""Any two of e-mail, name and phone; none of them alone."""
MOST: Final = 20
"""Candidates that are kept of a client; a person who sees more is not helped."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a client: one name, one e-mail address, one phone; empty where there is none."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    """An Account of the org, as far as we may see it."""

    id: SalesforceId
    name: str = ""
    emails: frozenset[str] = frozenset()
    """Its own."""
    contacts: frozenset[str] = frozenset()
    """Those of its Contacts, as far as they were asked for."""
    phone: str = ""
    holder: str = ""
    """The external id that it carries."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the candidates together mean."""

    candidates: tuple[Candidate, ...] = ()
    """Best first."""
    sure: SalesforceId | None = None
    """The one that it surely is."""

    @property
    def reason(self) -> str:
        """Why it is this one, or why nobody can say."""
        if not self.candidates:
            return "no Account is like it"
        best = self.candidates[0]
        if self.sure is not None:
            return ", ".join(best.reasons)
        if len(self.candidates) == 1:
            return f"one Account is like it, but only by: {', '.join(best.reasons)}"
        return f"{len(self.candidates)} Accounts are like it"


def signs(wanted: Wanted, account: Existing) -> tuple[Sign, ...]:
    """Return what speaks for `account`; each kind of thing counts once."""
    found: list[Sign] = []
    email = mailbox(wanted.email)
    if email and email in {mailbox(it) for it in account.emails}:
        found.append(Sign.EMAIL)
    elif email and email in {mailbox(it) for it in account.contacts}:
        found.append(Sign.CONTACT)
    if same_name(wanted.name, account.name):
        found.append(Sign.NAME)
    if digits(wanted.phone) and digits(wanted.phone) == digits(account.phone):
        found.append(Sign.PHONE)
    return tuple(found)


def weigh(wanted: Wanted, accounts: Iterable[Existing]) -> Weighed:
    """Weigh the Accounts that are free; their order does not matter.

    It surely is the best one if two signs speak for that, and no sign for another that does not speak for
    it as well.
    """
    found = {it.id: signs(wanted, it) for it in accounts if not it.holder}
    ranked = sorted(((id_, its) for id_, its in found.items() if its), key=lambda it: (-_score(it[1]), it[0]))
    candidates = tuple(_candidate(*it) for it in ranked[:MOST])
    if not ranked or not candidates[0].sure:
        return Weighed(candidates)
    best = _kinds(ranked[0][1])
    single = all(_kinds(its) < best for _, its in ranked[1:])
    return Weighed(candidates, ranked[0][0] if single else None)


def _candidate(account: SalesforceId, its: tuple[Sign, ...]) -> Candidate:
    score = _score(its)
    return Candidate(
        account=account, score=score, sure=score >= SURE, reasons=tuple(sign.value for sign in its)
    )


def _score(its: Iterable[Sign]) -> int:
    return min(100, sum(WEIGHTS[sign] for sign in its))


def _kinds(its: Iterable[Sign]) -> frozenset[Sign]:
    return frozenset(Sign.EMAIL if sign is Sign.CONTACT else sign for sign in its)
