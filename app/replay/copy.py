"""Replay a history into another org: the records of one connection, written once more as another one's."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, stretch
from app.kafka.producer import produce, producing
from streams.codec import readable
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.identity import AccountId, ConnectionName, RecordId, digest
from streams.domain.record import Record
from streams.domain.scope import Scope
from streams.topics import RECORDS

AT_A_TIME: Final = 500
"""Records that are acknowledged together."""


class NoGoal(Misconfigured):
    """A history cannot be replayed into that connection."""

    code = "no-goal"


@dataclass(frozen=True, slots=True)
class Copy:
    """One history on its way into another connection."""

    options: Mapping[str, Any]
    scope: Scope
    goal: ConnectionName
    progress: Progress

    async def count(self) -> int:
        """Return how many records there are."""
        return sum([1 async for _ in self._records()])

    async def write(self) -> int:
        """Write all of them in the order of their clients; return how many. May be done again: ids repeat.

        Raises:
            KafkaAway: no broker answers; do it again.
        """
        count, waiting = 0, list[Record]()
        async with producing(self.options) as producer:
            async for record in self._records():
                waiting.append(copied(record, self.goal))
                if len(waiting) >= AT_A_TIME:
                    await produce(producer, waiting)
                    count, waiting = count + len(waiting), []
            await produce(producer, waiting)
        return count + len(waiting)

    async def _records(self) -> AsyncIterator[Record]:
        """Yield what stood in the log at the beginning: of what is written meanwhile there is no end."""
        places = await spots(self.options, RECORDS.name)
        for place, (begin, end) in (await bounds(self.options, places)).items():
            async for message in stretch(self.options, place, begin, end, self.progress):
                record = readable(Record, message.value) if self.scope.may_want(message.key) else None
                if record is not None and self.scope.wants(record):
                    yield record


def copied(record: Record, goal: ConnectionName) -> Record:
    """Return a record as another connection's; the same one has the same id there, however often."""
    its_id = RecordId(digest("copied", goal, record.id))
    return record.model_copy(update={"connection": goal, "id": its_id, "nonce": ""})


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
    return goal.model_copy(update={"freshbooks_account_id": wanted})
