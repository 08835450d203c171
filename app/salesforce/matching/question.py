"""One client's question, and the words that are written down about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from app.salesforce.matching.names import digits, mailbox, words
from app.salesforce.matching.score import Wanted, Weighed
from app.salesforce.matching.terms import EMAIL_FIELDS, PHONE_FIELDS, Client
from streams.domain.command import Command, Field
from streams.domain.identity import SalesforceId, demanded_at, digest
from streams.domain.match import Candidate, Match, MatchAuthor, MatchState
from streams.domain.matches import Matches, standing
from streams.ports import Undecided

ACTOR: Final = "freshforce"


@dataclass(frozen=True, slots=True)
class Proceed:
    """The Account may be written: by now it carries its external id, or there is none to be linked."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Which Account the client of `command` is."""

    command: Command
    wanted: Wanted
    asked: str
    """Hash of what is looked for."""

    @classmethod
    def of(cls, command: Command) -> Self:
        """Return the question that the first row of an Account raises."""
        wanted = wanted_in(command.fields)
        parts = "".join(words(wanted.name)), mailbox(wanted.email), digits(wanted.phone)
        return cls(command, wanted, digest("asked", *parts))

    @property
    def client(self) -> Client:
        """The client, as it is looked for."""
        return Client(self.command.external_id, self.wanted)

    def standing(self, matches: Matches) -> Match | None:
        """Return what holds of the client."""
        return standing(matches, self.command.connection, self.command.client)

    def after(self, matches: Matches) -> str:
        """Return the id of the decision that could not be carried out; what is found since says so, too."""
        match = self.standing(matches)
        return "" if match is None else match.after

    def answered(self, match: Match) -> bool:
        """Tell whether a proposal still answers it: the same is looked for, and some Account was like that.

        Where none was, one may have come; another look may be demanded since, too. After a decision that
        could not be carried out only a person goes on.
        """
        if match.state is not MatchState.PROPOSED or match.asked != self.asked:
            return False
        still = bool(match.candidates) and not self._is_demanded_since(match)
        return bool(match.after) or still

    def adds(self, match: Match, known: Match | None) -> bool:
        """Tell whether `match` says other than what stands, or answers a demand; else that one stays."""
        if known is None or self._is_demanded_since(known):
            return True
        return known.model_copy(update={"at": match.at}) != match

    def _is_demanded_since(self, match: Match) -> bool:
        """Tell whether a look is demanded that `match` is no answer to; later states carry a demand on."""
        return self.command.nonce > demanded_at(match.at)

    def found(self, weighed: Weighed, now: datetime, *, account: SalesforceId | None, after: str) -> Match:
        """Return the word that it surely is `account`, or without one that a person must say."""
        return self._match(weighed.candidates, weighed.reason, now, account=account, after=after)

    def open(
        self, reason: str, now: datetime, candidates: tuple[Candidate, ...] = (), after: str = ""
    ) -> Match:
        """Return the word that a person must say, for a reason of its own."""
        return self._match(candidates, reason, now, account=None, after=after)

    def over(self, match: Match, reason: str, now: datetime, account: SalesforceId | None = None) -> Match:
        """Return the word that ends a proposal without a person: it is `account`, or gets one of its own."""
        state = MatchState.SEPARATE if account is None else MatchState.LINKED
        said = {"asked": self.asked, "state": state, "account": account, "reason": reason, "at": now}
        return match.model_copy(update={**said, "id": digest("over", match.id, reason, account or "")})

    def _match(
        self,
        candidates: tuple[Candidate, ...],
        reason: str,
        now: datetime,
        *,
        account: SalesforceId | None,
        after: str,
    ) -> Match:
        its = self.command
        said = " ".join([reason, account or "", after, *(it.account for it in candidates)])
        return Match(
            id=digest("match", its.connection, str(its.client), self.asked, said),
            connection=its.connection,
            client=its.client,
            author=MatchAuthor.DELIVER,
            actor=ACTOR,
            state=MatchState.PROPOSED if account is None else MatchState.LINKED,
            account=account,
            candidates=candidates,
            reason=reason,
            asked=self.asked,
            after=after,
            at=now,
        )


def undecided(match: Match) -> Undecided:
    """Return the answer that a client waits for a person."""
    return Undecided(match.reason)


def is_decided(match: Match | None) -> bool:
    """Tell whether it is said who it is; that it gets a new Account only a person says for good."""
    if match is None or match.state is MatchState.PROPOSED:
        return False
    return match.author is MatchAuthor.PERSON or match.state is not MatchState.SEPARATE


def wanted_in(fields: Mapping[str, Field]) -> Wanted:
    """Return what an Account's row says of its client; a person account has its name in two fields."""
    name = _first(fields, ("Name",)) or " ".join(filter(None, (_first(fields, (it,)) for it in _PERSON)))
    return Wanted(name, _first(fields, EMAIL_FIELDS), _first(fields, PHONE_FIELDS))


_PERSON: Final = ("FirstName", "LastName")


def _first(fields: Mapping[str, Field], names: tuple[str, ...]) -> str:
    values = (fields.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value.strip()), "")
