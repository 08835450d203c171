"""One message to the records it causes: the step speaks, or the message is buried. Nothing in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from streams.codec import encode
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Permanent
from streams.domain.message import Value
from streams.loop.burial import BURIABLE, Burials, bury, code_of, name_of
from streams.loop.contract import Delivery, Outputs, Sendable, Spot, Stage
from streams.loop.envelope import address, headers
from streams.loop.journal import Journal

Partition = Callable[[bytes | None], int]
"""Key to partition."""

Said = list[tuple[Spot, Sendable]]


class TooLarge(Permanent):
    """What a message caused does not fit into a record; Kafka would refuse it for ever."""

    code = "too-large"
    mend = "raise max.message.bytes of the topic, or find out what makes the object so large"


@dataclass(slots=True)
class Conclude:
    """Calls `speak` and returns what it said, encoded and addressed; a failure becomes a dead letter.

    What a step says and what it changes in its tables belong together: when it fails half-way, the
    changes are undone and what it had said is dropped. What has the key of its cause stays in its cause's
    partition, where the tables of the next step are, too.
    """

    stage: Stage
    journals: Sequence[Journal]
    burials: Burials
    partition: Partition
    largest: int
    buried: Callable[[Any], None] | None = None
    """Lets the step put its tables right when a message that it could read was buried."""
    noted: Callable[[Delivery], object] = lambda _: None
    """Told of each delivery that is buried."""

    def __call__(self, speak: Callable[[], Outputs], delivery: Delivery, message: Callable[[], Any]) -> Said:
        """Return the records that `delivery` causes; `message` tells it decoded, or None.

        Raises:
            TooManyBurials: acknowledge nothing more, stop the worker.
        """
        try:
            values = [*speak()]
            said = [self._addressed(value, delivery) for value in values]
            self._fit(said)
        except BURIABLE as error:
            for journal in self.journals:
                journal.undo()
            known = message()
            self.burials.buried(self.stage.step, code_of(error), name_of(delivery, known))
            if known is not None and self.buried is not None:
                self.buried(known)
            self.noted(delivery)
            letter = bury(self.stage.step, delivery, known, error)
            return [self._addressed(value, delivery) for value in letter]
        if not _waits(values):
            self.burials.passed()
        return said

    def _fit(self, said: Said) -> None:
        changes = ((journal.changelog, change) for journal in self.journals for change in journal.changes)
        for (topic, _), (key, value, _) in chain(said, changes):
            size = len(key or b"") + len(value or b"")
            if size > self.largest:
                message = f"a record of {size} bytes for {topic}; {self.largest} are allowed"
                raise TooLarge(message)

    def _addressed(self, value: Value, delivery: Delivery) -> tuple[Spot, Sendable]:
        topic, key = address(value)
        partition = delivery.place.partition if key == delivery.key else self.partition(key)
        return (topic, partition), (key, encode(value), headers(value))


def _waits(values: Sequence[Value]) -> bool:
    """Tell whether a message just waits, or was too old to try: neither says whether we handle what comes."""
    return bool(values) and all(isinstance(it, AuditEntry) and it.verdict in _UNTRIED for it in values)


_UNTRIED: Final = frozenset({Verdict.PARKED, Verdict.SUPERSEDED})
