"""Replay a history into another org: the records of one connection, written once more as another one's."""

from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, stretch, unseen
from app.kafka.producer import produce, producing
from app.replay.homes import homes, left_out, with_accounts, worked_off
from app.replay.whose import Whose
from streams.codec import encode, readable
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.identity import AccountId, ClientId, ConnectionName, ObjectKind, RecordId, digest
from streams.domain.joined import Joined, Share
from streams.domain.record import Record
from streams.domain.scope import Scope
from streams.topics import RECORDS

Log = Mapping[TopicPartition, tuple[int, int]]
"""The stretch of each partition that is copied."""

AT_A_TIME: Final = 500
"""Records that are acknowledged together."""


class NoGoal(Misconfigured):
    """A history cannot be replayed into that connection."""

    code = "no-goal"


@dataclass(frozen=True, slots=True)
class Copied:
    """How many records went, and whose stayed behind."""

    records: int
    left_out: Mapping[ClientId, ClientId]
    """Clients that share the Account of another one, which the goal's org does not have; and of whom."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One history on its way into another connection.

    Clients whose Account others share go first, the others once that is there: the goal has no books of its
    own to ask for it. What the books add to each other is left out, for the goal's own say it again.
    """

    options: Mapping[str, Any]
    scope: Scope
    goal: Connection
    progress: Progress
    waiting: Progress = unseen

    async def count(self) -> Copied:
        """Return how many records there are, and whose Account is neither there nor among them."""
        log = await self._log()
        whose = await self._whose(log)
        first = homes(whose.joins)
        coming = first & whose.clients
        there = coming | await with_accounts(self.options, self.goal, first - coming)
        behind = left_out(whose.joins, there)
        going = whose.clients - behind.keys()
        return Copied(len([1 async for _ in self._going(log, whose, going)]), behind)

    async def write(self) -> Copied:
        """Write all of them in the order of their clients. May be done again: ids repeat.

        Raises:
            KafkaAway: no broker answers; do it again.
        """
        log = await self._log()
        whose = await self._whose(log)
        first = homes(whose.joins)
        count = await self._written(log, whose, first & whose.clients)
        behind = left_out(whose.joins, await self._there(first))
        rest = await self._written(log, whose, whose.clients - first - behind.keys())
        return Copied(count + rest, behind)

    async def _there(self, shared: AbstractSet[ClientId]) -> AbstractSet[ClientId]:
        """Return which of them have their Account; where one is missing, once the workers are done."""
        there = await with_accounts(self.options, self.goal, shared)
        if there == shared:
            return there
        await worked_off(self.options, self.waiting)
        return await with_accounts(self.options, self.goal, shared)

    async def _written(self, log: Log, whose: Whose, clients: AbstractSet[ClientId]) -> int:
        if not clients:
            return 0
        count, waiting, joins = 0, list[Record](), whose.joins
        async with producing(self.options) as producer:
            async for record in self._going(log, whose, clients):
                waiting.append(copied(record, self.goal.name, joins.get(record.client)))
                if len(waiting) >= AT_A_TIME:
                    await produce(producer, waiting)
                    count, waiting = count + len(waiting), []
            await produce(producer, waiting)
        return count + len(waiting)

    async def _whose(self, log: Log) -> Whose:
        found = Whose(self.scope)
        async for record in self._records(log):
            found.see(record)
        return found

    async def _going(self, log: Log, whose: Whose, clients: AbstractSet[ClientId]) -> AsyncIterator[Record]:
        async for record in self._records(log):
            if whose.goes(record, clients):
                yield record

    async def _log(self) -> Log:
        """Return what stands in the log now: of what is written meanwhile there is no end."""
        return await bounds(self.options, await spots(self.options, RECORDS.name))

    async def _records(self, log: Log) -> AsyncIterator[Record]:
        """Yield what may go; where that is an invoice, all of the connection."""
        scope = Scope(self.scope.connection) if self.scope.kind is ObjectKind.INVOICE else self.scope
        for place, (begin, end) in log.items():
            async for message in stretch(self.options, place, begin, end, self.progress):
                record = readable(Record, message.value) if scope.may_want(message.key) else None
                if record is None or not scope.wants(record):
                    continue
                if not isinstance(record.snapshot, Share):
                    yield record


def copied(record: Record, goal: ConnectionName, joined: Joined | None = None) -> Record:
    """Return a record as another connection's; the same one has the same id there, however often.

    Of a client it says whose Account that shares by now, `joined`, from its first record on.
    """
    joined = joined if record.object is ObjectKind.CLIENT else None
    decided = () if joined is None else (encode(joined).decode(),)
    its_id = RecordId(digest("copied", goal, record.id, *decided))
    return record.model_copy(update={"connection": goal, "id": its_id, "nonce": "", "joined": joined})


def goal_of(source: Connection, goal: Connection, prefix: str, *, reads_books: bool) -> Connection:
    """Return the connection into which a history goes, with the prefix of its external ids.

    Raises:
        NoGoal: it is not fit for that; nothing was written.
    """
    known = goal.freshbooks_account_id
    wanted = AccountId(prefix) if prefix else known
    if reads_books:
        message = f"{goal.name} reads books of its own: two histories would be mixed"
        raise NoGoal(message, "replay into a connection that is joined to Salesforce only")
    if not goal.salesforce_domain:
        message = f"{goal.name} is not joined to an org"
        raise NoGoal(message, f"freshforce connect salesforce {goal.name} …")
    if wanted is None:
        message = f"{goal.name} has no prefix for external ids"
        raise NoGoal(message, "name one with --prefix")
    if known not in {None, wanted}:
        message = f"{goal.name} has the prefix {known} already"
        raise NoGoal(message, "leave --prefix out, or choose another connection")
    same = (source.salesforce_domain, source.freshbooks_account_id) == (goal.salesforce_domain, wanted)
    if source.name == goal.name or same:
        message = f"{goal.name} would write over the rows of {source.name}"
        raise NoGoal(message, "choose another org, or another --prefix")
    return goal.model_copy(update={"freshbooks_account_id": wanted, "copied": True})
