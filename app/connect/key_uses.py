"""What each key is still needed for: the live grants, and verifiers that wait for their keeper."""

from collections import Counter
from collections.abc import AsyncIterator

from aiokafka import TopicPartition

from app.kafka.client import client_options
from app.kafka.log import reading, some
from app.kafka.offsets import standings
from app.registry import Registry
from app.settings import Settings
from app.vault.rotation import uses
from streams.codec import decode
from streams.domain.errors import Undecodable
from streams.domain.grant import VerifierOffered
from streams.topics import APP, GRANT_REQUESTS


async def key_uses(settings: Settings, registry: Registry) -> Counter[str]:
    """Return how often each key is needed.

    Raises:
        Unreachable: Kafka does not answer, so nobody knows.
    """
    await registry.grants.view.caught_up()
    found = uses(registry.grants)
    async for offer in _waiting(settings):
        found[offer.key_id] += 1
    return found


async def _waiting(settings: Settings) -> AsyncIterator[VerifierOffered]:
    """Yield the offers that the keeper has not decided: from where the workers stand to the end."""
    options, name = client_options(settings), GRANT_REQUESTS.name
    stands = {it.partition: it.committed for it in await standings(options, APP, [name])}
    async with reading(options) as consumer:
        spots = [TopicPartition(name, number) for number in range(settings.partitions)]
        consumer.assign(spots)
        begins, ends = await consumer.beginning_offsets(spots), await consumer.end_offsets(spots)
        for spot in spots:  # all stay assigned: aiokafka may not stop after many assignments
            consumer.seek(spot, max(begins[spot], stands.get(spot.partition, 0)))
            while await consumer.position(spot) < ends[spot]:
                for message in await some(consumer, spot):
                    try:
                        yield decode(VerifierOffered, message.value)
                    except Undecodable:  # an ask for a token: it holds no secret
                        continue
