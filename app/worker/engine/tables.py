"""A Faust table that keeps its rows in our stores and loads them in bulk.

Faust decides which partitions are here, and finds nothing to recover: its own recovery reads some
four thousand records a second and swallows what is damaged.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import faust
from faust.tables.manager import TableManager
from faust.types import TP

from app.worker import changelog
from app.worker.engine.recovery import Recovery
from app.worker.stores import Partitions
from streams.loop.claims import Entry


class Table(faust.Table):  # type: ignore[misc]  # Faust is untyped
    """One of our tables. Steps never see it: they use the journals of its partitions."""

    def __init__(self, *args: Any, partitioned: Partitions, kafka: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._partitioned, self._kafka = partitioned, kafka

    def _changelog_topic_name(self) -> str:
        return str(self._partitioned.table.changelog)

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the last changelog offset that is here, so that Faust does not read it again.

        The loop keeps it current as its windows settle.
        """
        end = self._partitioned.end(tp.partition)
        return None if end < 0 else end

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Drop what went away, load what came, and claim all that is here.

        What stays is brought up to date too: another worker may have had it while we were thought dead.
        """
        for tp in self._own(revoked):
            self._partitioned.drop(tp.partition)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        here = sorted(tp.partition for tp in self._own(assigned))
        around = self.app.pumps.around
        await changelog.take_over(self._kafka, self._partitioned, here, around, generation_id)

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take over what Faust itself recovered, if it counts: records written after our claim."""
        for event in batch:
            it = event.message
            entry = Entry(it.offset, it.key, it.value, tuple(it.headers or ()))
            self._partitioned.come(it.partition).late([entry])

    def _own(self, tps: set[TP]) -> list[TP]:
        return [tp for tp in tps if tp.topic == self.changelog_topic_name]


class Tables(TableManager):  # type: ignore[misc]  # Faust is untyped
    """All tables, and their recovery."""

    _recovery: Recovery | None = None

    @property
    def recovery(self) -> Recovery:
        """What tells when messages may flow; made when it is first asked for, as Faust's own."""
        if self._recovery is None:
            self._recovery = Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Load the tables; once their recovery has begun, messages may flow again.

        It is not called for an assignment that is outdated by now.
        """
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        if self.recovery.signal_recovery_start.is_set():
            self.app.consumer.arrived(generation_id)
