"""Who polls which connection: one poller each in the whole cluster, shared out by Kafka."""

from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer

from app.kafka.partition import partition_of
from streams.topics import CONNECTIONS

GROUP: Final = "freshforce-poller"


class Ownership:
    """Membership in the pollers' group; whoever holds a connection's partition polls the connection.

    Nothing is read for its content and nothing is committed: the group is the lock.
    """

    def __init__(self, options: dict[str, Any], partitions: int) -> None:
        self._partitions = partitions
        self._consumer = AIOKafkaConsumer(
            CONNECTIONS.name, **options, group_id=GROUP, enable_auto_commit=False, auto_offset_reset="latest"
        )

    async def __aenter__(self) -> Self:
        """Join the group."""
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave it, so that others take over at once."""
        await self._consumer.stop()

    async def renew(self, seconds: float) -> None:
        """Stay a member for the next `seconds`."""
        await self._consumer.getmany(timeout_ms=int(seconds * 1000))

    def __contains__(self, connection: object) -> bool:
        """Tell whether `connection` is ours now."""
        partition = partition_of(str(connection).encode(), self._partitions)
        return any(at.partition == partition for at in self._consumer.assignment())
