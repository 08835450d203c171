"""How far ahead of the workers the log is, as Kafka tells: their commits, the ends, and who is aside."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.errors import KafkaError

from app.kafka.failures import KafkaAway
from app.kafka.inventory import administering, spots
from app.kafka.log import reading
from app.poll.pace import Unread
from app.worker.followed import Followed
from streams.domain.identity import ConnectionName
from streams.topics import APP, COMMANDS, COMMANDS_ASIDE, EVENTS, EVENTS_ASIDE, RECORDS

_STEPS: Final = (EVENTS.name, RECORDS.name, COMMANDS.name)


@asynccontextmanager
async def unread(
    options: Mapping[str, Any], connection: ConnectionName
) -> AsyncIterator[Callable[[], Awaitable[Unread]]]:
    """Lend what tells how much the workers have before them; `options` come from `client_options`.

    Where the workers never committed, all of the log is unread. A look that fails may be taken again.

    Raises:
        KafkaAway: no broker answers; a look, too.
    """
    places, aside = await spots(options, *_STEPS), Followed(options, (EVENTS_ASIDE, COMMANDS_ASIDE))
    async with administering(options) as admin, reading(options) as consumer:
        await aside.start()

        async def look() -> Unread:
            try:
                committed = await admin.list_consumer_group_offsets(APP, partitions=places)
                begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
                waiting = await aside.keys()
            except KafkaError as error:
                raise KafkaAway(type(error).__name__) from None
            left = Counter[str]()
            for at in places:
                done = committed[at].offset if at in committed else -1
                left[at.topic] += max(0, ends[at] - max(done, begins[at]))
            events, records, commands = (left[name] for name in _STEPS)
            return Unread(events, records, commands, connection.encode() in waiting)

        try:
            yield look
        finally:
            await aside.stop()
