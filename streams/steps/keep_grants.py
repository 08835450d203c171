"""Keep the grants: the one place that renews a token or takes a verifier."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, assert_never

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.grant import GrantRequest, RefreshAsked, Sealed, VerifierOffered
from streams.domain.message import Value
from streams.ports_grants import Changed, GrantsNow, Issuer, Kept, Postponed, Renewal

_NO_GRANT = Kept(Verdict.IGNORED, "there is no such grant")
_RENEWED_ALREADY = Kept(Verdict.SUPERSEDED, "the grant was renewed already")


@dataclass(slots=True)
class KeepGrants:
    """Requests → the grant's next generation, one request per grant at a time.

    What this keeper decided may not stand in the topic yet when the next request comes: so it remembers
    its own newest, or it would spend one refresh token twice. A keeper that takes over a partition
    starts from the topic alone.
    """

    grants: GrantsNow
    issuer: Issuer
    _own: dict[str, Sealed] = field(default_factory=dict)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def ask(self, message: GrantRequest) -> Coroutine[Any, Any, Renewal]:
        """Ask FreshBooks what the request needs; requests of one grant wait for each other, in order."""
        turn = self._turns[message.key]
        return self._in_turn(turn, message)

    def __call__(self, message: GrantRequest, answer: Renewal) -> Iterator[Value]:
        """Yield the next generation, where there is one, and what was decided."""
        match answer:
            case Changed():
                yield answer.sealed
                yield _entry(message, answer)
            case Kept():
                yield _entry(message, answer)
            case Postponed():  # nothing is decided yet: in a long outage its entries would flood the audit
                if answer.first is not None:
                    yield answer.first
                yield message
            case never:
                assert_never(never)

    async def _in_turn(self, turn: asyncio.Lock, message: GrantRequest) -> Renewal:
        async with turn:
            current = await self._newest(message)
            answer = _NO_GRANT if current is None else await self._answer(current, message)
            if isinstance(answer, Changed):
                self._own[message.key] = answer.sealed
            return answer

    async def _newest(self, message: GrantRequest) -> Sealed | None:
        """Return the newest of the topic's and our own; equal generations: the topic has spoken."""
        own = self._own.get(message.key)
        kept = await self.grants.newest(message.connection, message.side)
        if own is not None and (kept is None or kept.generation < own.generation):
            return own
        return kept

    async def _answer(self, current: Sealed, message: GrantRequest) -> Renewal:
        match message:
            case RefreshAsked() if current.generation > message.generation:
                return _RENEWED_ALREADY
            case RefreshAsked():
                return await self.issuer.refresh(current)
            case VerifierOffered():
                return await self.issuer.confirm(current, message)
            case never:
                assert_never(never)


def _entry(message: GrantRequest, answer: Changed | Kept) -> AuditEntry:
    generation = {"generation": answer.sealed.generation} if isinstance(answer, Changed) else {}
    return AuditEntry(
        id=audit_id(Step.KEEP_GRANTS, answer.verdict, message.id),
        connection=message.connection,
        step=Step.KEEP_GRANTS,
        verdict=answer.verdict,
        cause=message.id,
        rule=answer.rule,
        details={"side": message.side.value, **generation},
    )
