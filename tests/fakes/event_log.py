"""The event topic, as far as a poller sees it."""

from collections.abc import Sequence

from streams.domain.event import Event


class EventLog:
    """Events that reached Kafka; refuses while `away`."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.away = False

    async def __call__(self, events: Sequence[Event]) -> None:
        if self.away:
            raise ConnectionError
        self.events += events
