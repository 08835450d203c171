"""Behind the scenes of both vendors: what FreshBooks holds, what it sent, what Salesforce holds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import ClientSession
from aiokafka import AIOKafkaConsumer, TopicPartition

from app.demo.joining import Vendor
from app.demo.judge import Books, Org
from app.kafka.inventory import spots
from app.sandbox.control import FreshBooksControl
from app.sandbox.freshbooks.nouns import Noun
from streams.topics import EVENTS

HANDSHAKE: Final = "callback.verify"


@dataclass(frozen=True, slots=True)
class Backstage:
    """Both vendors of the sandbox, as a stagehand sees them."""

    session: ClientSession
    freshbooks: Vendor
    salesforce: Vendor

    @property
    def control(self) -> FreshBooksControl:
        """The strings behind FreshBooks."""
        return FreshBooksControl(self.session, self.freshbooks.url)

    async def books(self) -> Books:
        """Return every object of the FreshBooks account."""
        shelves: dict[Noun, list[Any]] = {noun: [] for noun in (Noun.CLIENT, Noun.INVOICE, Noun.PAYMENT)}
        async for noun, thing in self.control.truth(tuple(shelves)):
            shelves[noun].append(thing)
        return Books(self.freshbooks.account_id, *shelves.values())

    async def org(self) -> Org:
        """Return the rows of the org."""
        return Org(*[await self._rows(sobject) for sobject in ("Account", "Opportunity", "Contact")])

    async def accepted(self) -> Counter[str]:
        """Return the bodies of the webhooks that were answered 2xx, and how often each was."""
        deliveries = await self.control.deliveries()
        return Counter(each.body for each in deliveries if each.accepted and each.event != HANDSHAKE)

    async def calls(self) -> int:
        """Return how many API calls Salesforce has counted."""
        counters = await self._get("counters")
        return int(counters["api_usage"].removeprefix("api-usage=").split("/")[0])

    async def _rows(self, sobject: str) -> Any:
        return await self._get(f"rows/{sobject}")

    async def _get(self, what: str) -> Any:
        async with self.session.get(f"{self.salesforce.url}/_sandbox/{what}") as answer:
            answer.raise_for_status()
            return orjson.loads(await answer.read())


async def missing(bootstrap: str, accepted: Counter[str]) -> int:
    """Return how many accepted webhooks are not in the events topic, body by body."""
    options = {"bootstrap_servers": bootstrap}
    consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
    await consumer.start()
    try:
        everywhere = await spots(options, EVENTS.name)
        consumer.assign(everywhere)
        found = await _bodies(consumer, everywhere)
    finally:
        await consumer.stop()
    return (accepted - found).total()


async def _bodies(consumer: AIOKafkaConsumer, everywhere: list[TopicPartition]) -> Counter[str]:
    ends = await consumer.end_offsets(everywhere)
    found: Counter[str] = Counter()
    while [spot for spot in everywhere if await consumer.position(spot) < ends[spot]]:
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            events = (orjson.loads(record.value) for record in batch)
            found.update(event["webhook"]["body"] for event in events if event["webhook"])
    return found
