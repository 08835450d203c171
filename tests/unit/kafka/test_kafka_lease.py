"""Nothing leaves a producer once the lease has run out: not even what was handed over before."""

import inspect

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer import sender
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest

from app.kafka.lease import hold_to


class RunOut(Exception):
    """Stands for the end of the process."""


class Client:
    """A client of Kafka that notes what happens, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def ready(self, _node: int) -> bool:
        self.seen.append("connected")
        return True

    async def send(self, _node: int, request: object, **_more: object) -> str:
        self.seen.append(type(request).__name__)
        return "answer"


class Producer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka is untyped
    """A producer without Kafka."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._closed = True


@pytest.fixture
def produced() -> ProduceRequest:
    return ProduceRequest(transactional_id=None, required_acks=-1, timeout=1000, topics=[])


async def test_the_lease_is_looked_at_when_the_connection_is_there_right_before_records_leave(
    produced: ProduceRequest,
) -> None:
    client = Client()
    hold_to(lambda: client.seen.append("lease"), Producer(client))

    answer = await client.send(1, produced)

    assert client.seen == ["connected", "lease", "ProduceRequest"]
    assert answer == "answer"


async def test_without_a_lease_no_record_leaves(produced: ProduceRequest) -> None:
    def run_out() -> None:
        raise RunOut

    client = Client()
    hold_to(run_out, Producer(client))

    with pytest.raises(RunOut):
        await client.send(1, produced)

    assert client.seen == ["connected"]


async def test_questions_may_always_be_asked() -> None:
    client = Client()
    hold_to(lambda: client.seen.append("lease"), Producer(client))

    await client.send(1, MetadataRequest([]))

    assert client.seen == ["MetadataRequest"]


def test_aiokafka_still_sends_its_records_where_we_look() -> None:
    sends = inspect.getsource(sender.SendProduceReqHandler)

    assert "response = await self._client.send(node_id, request)" in sends
    assert "self._client = sender.client" in sends
    assert "Sender(\n            self.client," in inspect.getsource(AIOKafkaProducer.__init__)
