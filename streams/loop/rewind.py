"""What a replay means for one partition that was rewound: what is taken again, and what is passed by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from streams.codec import readable
from streams.domain.identity import ConnectionName
from streams.domain.message import Value
from streams.domain.record import Record
from streams.domain.replay import Replay, Source
from streams.domain.scope import Scope
from streams.loop.contract import Delivery, Spot
from streams.topics import COMMANDS, EVENTS, RECORDS, Topic

V = TypeVar("V", bound=Value)

TOPICS: Final[Mapping[Source, Topic]] = {
    Source.EVENTS: EVENTS,
    Source.RECORDS: RECORDS,
    Source.COMMANDS: COMMANDS,
}


@dataclass(frozen=True, slots=True)
class Rewind:
    """A replay's part in one partition.

    Kafka rewinds a partition, and with it everybody in it. All before `passed` was done when the offsets
    were moved; so what the replay is not about may be acknowledged unseen. The replay is kept in Kafka, hence
    a worker that takes over in the middle passes the same by, and forces the same.
    """

    scope: Scope
    source: Source
    end: int
    passed: int
    nonce: str = ""

    @classmethod
    def of(cls, replay: Replay, spot: Spot) -> Self | None:
        """Return what `replay` means for a partition; None when it has no part in it."""
        topic = TOPICS[replay.source]
        for stretch in replay.stretches if spot[0] == topic.name else ():
            if stretch.partition == spot[1] and stretch.passed:
                scope = Scope.of(replay.connection, replay.only)
                return cls(scope, replay.source, stretch.end, stretch.passed, replay.nonce)
        return None

    def skips(self, delivery: Delivery) -> bool:
        """Tell whether a delivery was done before, and is not meant."""
        return delivery.place.offset < self.passed and not self._means(delivery)

    def stamped(self, message: V, offset: int) -> V:
        """Return `message` with the nonce, where the replay forces it."""
        if not self.nonce or offset >= self.end or not self.scope.wants(message):
            return message
        return message.model_copy(update={"nonce": self.nonce})

    def _means(self, delivery: Delivery) -> bool:
        if delivery.place.offset >= self.end or not self.scope.may_want(delivery.key, self.source):
            return False
        if self.source is not Source.RECORDS or self.scope.kind is None:
            return True
        record = readable(Record, delivery.value)
        return record is not None and self.scope.wants(record)


NO_REWIND: Final = Rewind(Scope(ConnectionName("")), Source.RECORDS, 0, 0)
"""Nothing is passed by, nothing forced."""
