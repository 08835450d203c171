"""Settle which Accounts some new clients are: by what a person said, by what the org has, or not at all yet.

Before an Account is linked by itself the link is written down as a claim, and the book is read up to date:
of two workers that claim one Account for two clients at least one then sees the other's claim, and whoever
does leaves it to a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.salesforce.lanes.org import Org
from app.salesforce.matching.book import MatchBook
from app.salesforce.matching.link import Hindered, Linked, link
from app.salesforce.matching.question import Proceed, Question, is_decided, undecided
from app.salesforce.matching.score import Weighed, weigh
from app.salesforce.matching.search import existing
from streams.domain.connection import AccountMatching
from streams.domain.identity import SalesforceId
from streams.domain.match import Match, MatchAuthor, MatchState
from streams.domain.matches import claims
from streams.ports import Rejected, Undecided

Said = Proceed | Undecided | Rejected


@dataclass(slots=True)
class Settlement:
    """One round of questions to one org."""

    org: Org
    book: MatchBook
    mode: AccountMatching
    clock: Callable[[], datetime]
    _said: dict[str, Said] = field(default_factory=dict)
    """By external id."""
    _news: list[Match] = field(default_factory=list)

    async def settle(self, questions: Sequence[Question]) -> list[Said]:
        """Return what is to become of each; safe to repeat.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: as the org or Kafka answers; do it again.
        """
        await self.book.caught_up()
        known = [(each, each.standing(self.book.matches)) for each in questions]
        linked = [(it, match) for it, match in known if match and match.state is MatchState.LINKED]
        unsettled = await self._carried_out(linked)
        unsettled += [each for each, match in known if not self._stands(each, match)]
        await self._look(unsettled)
        if self._news:
            await self.book.write(*self._news)
        return [self._said[each.command.external_id] for each in questions]

    def _stands(self, question: Question, match: Match | None) -> bool:
        """Settle what needs no call; tell whether it did, or somebody else does."""
        key = question.command.external_id
        if match is not None and match.state is MatchState.LINKED:
            return True
        if is_decided(match):
            self._said[key] = Proceed()
        elif self.mode is AccountMatching.CREATE:
            self._proceed(question, "by the setting account_matching nobody looks")
        elif match is not None and question.answered(match):
            self._said[key] = undecided(match)
        return key in self._said

    async def _carried_out(self, linked: Sequence[tuple[Question, Match]]) -> list[Question]:
        """Link what is decided; return the questions that are open again."""
        ends = await self._link([(it, _account(match)) for it, match in linked])
        again: list[Question] = []
        for (question, match), end in zip(linked, ends, strict=True):
            if end is Linked.DONE:
                self._said[question.command.external_id] = Proceed((f"linked: {match.reason}",))
            elif match.author is MatchAuthor.DELIVER:
                again.append(question)
            else:
                self._ask(question, question.open(_why(end), self.clock(), match.candidates, after=match.id))
        return again

    async def _look(self, questions: Sequence[Question]) -> None:
        """Look for Accounts like the clients; link what is sure."""
        if not questions:
            return
        accounts = await existing(self.org, [each.client for each in questions])
        held = {it.holder: it.id for it in accounts.values()}
        sure: list[tuple[Question, Weighed]] = []
        for question in questions:
            weighed = weigh(question.wanted, accounts.values())
            if own := held.get(question.command.external_id):
                self._proceed(question, "it carries the client's number", own)
            elif self._is_new(weighed):
                self._proceed(question, weighed.reason)
            elif weighed.sure is not None:
                sure.append((question, weighed))
            else:
                self._ask(question, self._found(question, weighed))
        await self._claim(sure)

    def _is_new(self, weighed: Weighed) -> bool:
        if self.mode is AccountMatching.CREATE:
            return True
        return self.mode is AccountMatching.SUGGEST and not weighed.candidates

    async def _claim(self, sure: Sequence[tuple[Question, Weighed]]) -> None:
        if not sure:
            return
        await self.book.write(*(self._found(it, weighed) for it, weighed in sure))
        await self.book.caught_up()
        claimed = claims(self.book.matches, self.org.name)
        alone: list[tuple[Question, Weighed]] = []
        for question, weighed in sure:
            if claimed.get(_sure(weighed), set()) <= {question.command.client}:
                alone.append((question, weighed))
            else:
                self._ask(question, self._open(question, _AS_SURE, weighed))
        ends = await self._link([(it, _sure(weighed)) for it, weighed in alone])
        for (question, weighed), end in zip(alone, ends, strict=True):
            if end is Linked.DONE:
                self._said[question.command.external_id] = Proceed((f"linked: {weighed.reason}",))
            else:
                self._ask(question, self._open(question, _why(end), weighed))

    async def _link(self, wanted: Sequence[tuple[Question, SalesforceId]]) -> list[Linked | Hindered]:
        """Link each question's client; of several that want one Account the first gets it."""
        links: dict[SalesforceId, str] = {}
        for question, account in wanted:
            links.setdefault(account, question.command.external_id)
        ends = await link(self.org, links) if links else {}
        mine = (links[account] == question.command.external_id for question, account in wanted)
        return [
            ends[account] if own else Linked.TAKEN for (_, account), own in zip(wanted, mine, strict=True)
        ]

    def _proceed(self, question: Question, why: str, account: SalesforceId | None = None) -> None:
        """Let the Account be written; nobody is asked any more who it is."""
        before = question.standing(self.book.matches)
        if before is not None and before.state is MatchState.PROPOSED:
            self._news.append(question.over(before, why, self.clock(), account))
        self._said[question.command.external_id] = Proceed()

    def _found(self, question: Question, weighed: Weighed) -> Match:
        after = question.after(self.book.matches)
        return question.found(weighed, self.clock(), account=weighed.sure, after=after)

    def _open(self, question: Question, why: str, weighed: Weighed) -> Match:
        return question.open(why, self.clock(), weighed.candidates, question.after(self.book.matches))

    def _ask(self, question: Question, match: Match) -> None:
        """Leave it to a person; who waits for one already does so since then."""
        if question.adds(match, question.standing(self.book.matches)):
            self._news.append(match)
        self._said[question.command.external_id] = undecided(match)


_AS_SURE: Final = "another client is as sure to be the same Account"


def _why(end: Linked | Hindered) -> str:
    match end:
        case Linked.GONE:
            return "the Account is not there any more"
        case Hindered(refusal=refusal):
            return f"Salesforce refuses the link: {refusal.code}"
        case _:
            return "the Account carries another client's number by now"


def _account(match: Match) -> SalesforceId:
    assert match.account is not None, "a link names its Account"
    return match.account


def _sure(weighed: Weighed) -> SalesforceId:
    assert weighed.sure is not None, "it was sure"
    return weighed.sure
