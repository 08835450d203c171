"""A keeper of grants with a topic and an issuer that are fakes."""

import asyncio
from dataclasses import dataclass, field

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Unreachable
from streams.domain.grant import RefreshAsked, Sealed, Side, VerifierOffered
from streams.domain.message import Value
from streams.ports_grants import Changed, Kept, Renewal
from streams.steps.keep_grants import KeepGrants
from tests.builders.vault import ACME, NOW, a_freshbooks_grant, a_sealer
from tests.fakes.virtual_time import simulate

KAFKA = "Kafka"


def sealed(generation: int) -> Sealed:
    return a_sealer().seal(a_freshbooks_grant(), ACME, generation, NOW)


def asked(generation: int, name: str = "ask") -> RefreshAsked:
    return RefreshAsked(id=name, connection=ACME, side=Side.FRESHBOOKS, generation=generation)


def offered() -> VerifierOffered:
    return a_sealer().offer(ACME, "ab" * 16, 778, "verifier")


@dataclass
class Topic:
    """Fakes the grants topic."""

    newest_: Sealed | None
    looks: int = 0
    written: list[Sealed] = field(default_factory=list)
    others: list[Sealed] = field(default_factory=list)
    """What somebody else writes just before our next records."""
    away: int = 0
    """How often Kafka does not answer."""

    async def newest(self, *_: object) -> Sealed | None:
        self.looks += 1
        return self.newest_

    async def put(self, sealed: Sealed) -> bool:
        await asyncio.sleep(0.01)
        if self.away:
            self.away -= 1
            raise Unreachable(KAFKA, "away")
        self.written.append(sealed)
        if self.others:
            self.newest_ = self.others.pop()
        elif self.newest_ is None or sealed.follows == self.newest_.mark:
            self.newest_ = sealed
        return self.newest_ == sealed


@dataclass
class Issuer:
    """Fakes FreshBooks: each refresh token works once, and takes a second."""

    spent: list[int] = field(default_factory=list)
    answer: Renewal | None = None

    def spends(self, current: Sealed) -> str | Kept:
        return f"digest of {current.generation}"

    async def refresh(self, current: Sealed) -> Renewal:
        await asyncio.sleep(1)
        if isinstance(self.answer, Kept):
            return self.answer
        assert current.generation not in self.spent, "a refresh token was spent twice"
        self.spent.append(current.generation)
        return self.answer or Changed(sealed(current.generation + 1), Verdict.REFRESHED, "new tokens")

    async def confirm(self, current: Sealed, _: VerifierOffered) -> Renewal:
        return self.answer or Changed(sealed(current.generation + 1), Verdict.HANDSHAKE, "confirmed")


def a_keeper(topic: Topic, issuer: Issuer, owner: str = "us") -> KeepGrants:
    return KeepGrants(grants=topic, issuer=issuer, owner=owner)


def handled(step: KeepGrants, *messages: RefreshAsked | VerifierOffered) -> list[list[Value]]:
    """What each message yields when all are asked at once and answered in order, as the loop does."""

    async def story() -> list[list[Value]]:
        questions = [asyncio.ensure_future(step.ask(each)) for each in messages]
        return [list(step(each, await q)) for each, q in zip(messages, questions, strict=True)]

    return simulate(story())


def entry(values: list[Value]) -> AuditEntry:
    (found,) = [each for each in values if isinstance(each, AuditEntry)]
    return found
