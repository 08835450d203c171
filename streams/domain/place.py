"""Place: where in Kafka a message stands."""

from streams.domain.message import Value


class Place(Value):
    """Topic, partition, offset: enough to read the message again."""

    topic: str
    partition: int
    offset: int
