"""A producer that sends nothing any more once its process may have lost what it writes for."""

from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.protocol.produce import ProduceRequest


def hold_to(lease: Callable[[], None], producer: AIOKafkaProducer) -> None:
    """Call `lease` right before each request with records leaves; it ends the process when it has run out.

    Batches wait in the producer, for the answer to the request before or for a connection. So what was
    handed over in time could leave after a freeze, when others have the partitions. Between this call and
    the write to the socket nothing waits. Kafka may still get what was in the socket already: for that
    there are epochs (streams.loop.claims).
    """
    client = producer.client
    send = client.send

    async def send_in_time(node: int, request: Any, **more: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await client.ready(node)  # it waits for a connection; called again in `send`, it does not
            lease()
        return await send(node, request, **more)

    client.send = send_in_time
