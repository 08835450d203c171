"""Keep the grants: the one place that renews a token or takes a verifier.

A refresh token works once, so a crash between its use and the writing down of its successor may cost the
grant. Hence this order, each step durable before the next:

    1 own it        nobody else's start stands, or it had its time
    2 say so        write `started`, the digest of the token; whoever comes second sees that it is not first
    3 trade         shielded: what moves partitions cannot cut it off
    4 write         the new pair, until Kafka has it
    5 use           nobody sees a token that does not stand in the topic
    6 after a crash the start still stands: its token is tried once; refused, the grant needs consent
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, assert_never

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.errors import Transient
from streams.domain.grant import GrantRequest, RefreshAsked, Sealed, VerifierOffered
from streams.domain.identity import ConnectionName
from streams.domain.message import Value
from streams.ports_grants import Changed, GrantsNow, Issuer, Kept, Postponed, Renewal

T = TypeVar("T")

SETTLE: Final = 25.0
"""Seconds that another owner's start is left alone: longer than a trade may take (Issuer.refresh)."""
PAUSE: Final = 0.5
"""Seconds between two attempts to have Kafka take a new pair."""
LOOKS: Final = 25
RACES: Final = 5
"""How often a request is decided anew because somebody else was first."""

_NO_GRANT: Final = Kept(Verdict.IGNORED, "there is no such grant")
_RENEWED_ALREADY: Final = Kept(Verdict.SUPERSEDED, "the grant was renewed already")


@dataclass(slots=True, kw_only=True)
class KeepGrants:
    """Requests → the grant's next generation, one request per grant at a time."""

    grants: GrantsNow
    issuer: Issuer
    owner: str
    """This very keeper: another one, after a restart or elsewhere, has another name."""
    fence: Callable[[], object] = lambda: None
    """Ends the process when its partitions may be another worker's by now."""
    told: Callable[[ConnectionName, Verdict], object] = lambda _connection, _verdict: None
    settle: float = SETTLE
    _done: dict[str, str] = field(default_factory=dict)
    """The last request of each grant that we have decided."""
    _said: dict[str, tuple[int, str]] = field(default_factory=dict)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _trades: set["asyncio.Future[Any]"] = field(default_factory=set)

    def ask(self, message: GrantRequest) -> Coroutine[Any, Any, Renewal]:
        """Do what the request needs; requests of one grant wait for each other, in order."""
        turn = self._turns[message.key]
        return self._in_turn(turn, message)

    def __call__(self, message: GrantRequest, answer: Renewal) -> Iterator[Value]:
        """Yield what was decided; a new generation stands in the topic by then."""
        match answer:
            case Changed():
                yield _entry(message, answer)
            case Kept():
                if self._is_news(message, answer):
                    yield _entry(message, answer)
            case Postponed():  # nothing is decided yet: in a long outage its entries would flood the audit
                if answer.first is not None:
                    yield answer.first
                yield message
            case never:
                assert_never(never)

    def _unsaid(self, current: Sealed, message: GrantRequest) -> bool:
        """Tell whether the keeper before us did what is asked, and died before it could say so."""
        return current.cause == message.id and self._done.get(message.key) != message.id

    def _is_news(self, message: GrantRequest, answer: Kept) -> bool:
        """Say a trouble once per generation: who needs the token asks again and again."""
        if not (answer.trouble and isinstance(message, RefreshAsked)):
            return True
        said = message.generation, answer.rule
        known, self._said[message.key] = self._said.get(message.key), said
        return known != said

    async def _in_turn(self, turn: asyncio.Lock, message: GrantRequest) -> Renewal:
        async with turn:
            for _ in range(RACES):
                current = await self.grants.newest(message.connection, message.side)
                answer = _NO_GRANT if current is None else await self._answer(current, message)
                if answer is not None:
                    return self._decided(message, answer)
            return Postponed()

    def _decided(self, message: GrantRequest, answer: Renewal) -> Renewal:
        if not isinstance(answer, Postponed):
            self._done[message.key] = message.id
            self.told(message.connection, answer.verdict)
        return answer

    async def _answer(self, current: Sealed, message: GrantRequest) -> Renewal | None:
        """Return what becomes of the request; None when somebody else was first: look again."""
        if self._unsaid(current, message) and current.verdict is not None:
            return Changed(current, current.verdict, "said again after a restart")
        match message:
            case RefreshAsked() if current.generation > message.generation:
                return _RENEWED_ALREADY
            case RefreshAsked():
                return await self._owned(current, message)
            case VerifierOffered():
                return await self._confirmed(current, message)
            case never:
                assert_never(never)

    async def _owned(self, current: Sealed, message: RefreshAsked) -> Renewal | None:
        """Take steps 1 and 2, then the rest where nothing can cut it off."""
        spends = self.issuer.spends(current)
        if isinstance(spends, Kept):
            return spends
        if current.started and current.owner != self.owner and not await self._settled(current):
            return None
        started = current
        if (current.started, current.owner) != (spends, self.owner):
            started = _start(current, spends, self.owner)
            if not await self._put(started):
                return None
        return await self._shielded(self._traded(started, message))

    async def _traded(self, started: Sealed, message: RefreshAsked) -> Renewal | None:
        """Take steps 3 and 4."""
        answer = await self.issuer.refresh(started)
        if not isinstance(answer, Changed):
            return answer
        after = started
        while True:
            sealed = _end(answer, after, message.id)
            if await self._put(sealed):
                return Changed(sealed, answer.verdict, answer.rule)
            newest = await self.grants.newest(message.connection, message.side)
            if newest is None or (newest.started, newest.owner) != (started.started, started.owner):
                return None  # a person connected anew meanwhile
            after = newest  # our own start, sealed with another key

    async def _confirmed(self, current: Sealed, message: VerifierOffered) -> Renewal | None:
        answer = await self.issuer.confirm(current, message)
        if not isinstance(answer, Changed):
            return answer
        sealed = _end(answer, current, message.id)
        return Changed(sealed, answer.verdict, answer.rule) if await self._put(sealed) else None

    async def _put(self, sealed: Sealed) -> bool:
        """Write until Kafka has it, and tell whether it counts: dying of a broker's rest costs a pair."""
        while True:
            self.fence()
            try:
                return await self.grants.put(sealed)
            except Transient:
                await asyncio.sleep(PAUSE)

    async def _settled(self, current: Sealed) -> bool:
        """Leave another owner's start its time: it may be trading; tell whether it still stands then."""
        now = asyncio.get_running_loop().time
        until = now() + self.settle
        while (left := until - now()) > 0:  # a look at Kafka takes its time, too
            await asyncio.sleep(min(left, self.settle / LOOKS))
            if await self.grants.newest(current.connection, current.side) != current:
                return False
        return True

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        trade = asyncio.ensure_future(work)
        self._trades.add(trade)
        trade.add_done_callback(self._trades.discard)
        return await asyncio.shield(trade)


def _start(current: Sealed, spends: str, owner: str) -> Sealed:
    """Return the word that `owner` trades the token in: the same grant, for nobody else to touch."""
    return current.model_copy(update={"follows": current.mark, "started": spends, "owner": owner})


def _end(answer: Changed, after: Sealed, cause: str) -> Sealed:
    """Return the next generation, as what follows `after`."""
    said = {"cause": cause, "verdict": answer.verdict}
    return answer.sealed.model_copy(update={"follows": after.mark, "started": "", "owner": "", **said})


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
