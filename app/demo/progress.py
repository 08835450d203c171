"""How far the log has been worked off, read from Kafka alone: ends, commits, who is aside, verdicts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Self

import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from app.demo.tally import Tally
from app.kafka.inventory import spots
from app.worker.followed import Followed
from streams.topics import APP, AUDIT, COMMANDS, COMMANDS_ASIDE, EVENTS, EVENTS_ASIDE, RECORDS

WATCHED: Final = (EVENTS, RECORDS, COMMANDS)


@dataclass(slots=True)
class Progress:
    """Messages per topic, how many of them are done, and the verdicts so far (repeats counted once)."""

    ends: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    parked: int = 0
    """Commands that wait for their parent now."""
    aside: int = 0
    """Connections that wait for their vendor: what Kafka has for done is not done for them."""

    @property
    def settled(self) -> bool:
        """Tell whether everything written so far has been worked off."""
        return bool(self.ends) and self.ends == self.done and not self.aside


class Watcher:
    """Reads the figures; open it with `async with`."""

    def __init__(self, bootstrap: str) -> None:
        self._options = {"bootstrap_servers": bootstrap}
        self._audit = AIOKafkaConsumer(**self._options, auto_offset_reset="earliest", max_poll_records=5_000)
        self._admin = AIOKafkaAdminClient(**self._options)
        self._aside = Followed(self._options, (EVENTS_ASIDE, COMMANDS_ASIDE))
        self._tally = Tally()

    async def __aenter__(self) -> Self:
        """Connect, and start reading the audit topic from its beginning."""
        await self._admin.start()
        await self._audit.start()
        self._audit.assign(await spots(self._options, AUDIT.name))
        await self._aside.start()
        self._watched = await spots(self._options, *(topic.name for topic in WATCHED))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._audit.stop()
        await self._aside.stop()
        await self._admin.close()

    async def look(self) -> Progress:
        """Return the figures as they are now."""
        await self._read_audit()
        ends = await self._audit.end_offsets(self._watched)
        committed = await self._admin.list_consumer_group_offsets(APP, partitions=self._watched)
        progress = Progress(verdicts=Counter(self._tally.verdicts), parked=self._tally.parked)
        for at in self._watched:
            progress.ends[at.topic] += ends[at]
            progress.done[at.topic] += max(0, committed[at].offset) if at in committed else 0
        progress.aside = await self._aside.rows()  # after the commits: a row is durable before its commit
        return progress

    async def audited(self) -> dict[int, int]:
        """Return the next offset of each partition of the audit topic."""
        ends = await self._audit.end_offsets(list(self._audit.assignment()))
        return {at.partition: end for at, end in ends.items()}

    async def _read_audit(self) -> None:
        while batches := await self._audit.getmany(timeout_ms=50):
            for batch in batches.values():
                for record in batch:
                    self._tally.count(orjson.loads(record.value))
