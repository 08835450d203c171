"""Two pollers, one connection: one of them polls it, and the other takes over when that one goes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import orjson
import pytest
from aiohttp import ClientError, ClientSession
from aiokafka import AIOKafkaConsumer

from app.demo.joining import Vendor, connect_freshbooks
from app.demo.processes import Shop
from app.kafka.embedded import single
from app.kafka.inventory import spots
from app.process.health import note_of
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from streams.codec import decode
from streams.domain.event import Event, EventSource
from streams.topics import EVENTS
from tests.builders.installation import REDIRECT
from tests.builders.terminal import Terminal
from tests.builders.waiting import until

PATIENCE = 30.0


@dataclass
class Pollers:
    """Poller processes of one installation, and the FreshBooks that they poll."""

    shop: Shop
    connection: str
    sandbox: RunningFreshBooks
    kafka: str
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        words = (sys.executable, "-m", "app.process.role", "poller", name)
        with (self.shop.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(words, env=dict(self.shop.environment), stderr=log)

    async def connect(self) -> None:
        """Connect the account, to be polled every second."""
        sandbox = self.sandbox
        vendor = Vendor(sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.account_id)
        await connect_freshbooks(self.shop, vendor, REDIRECT, self.connection)
        await self.shop.command("connections", "set", self.connection, "poll_every_seconds=1")

    async def polling(self, session: ClientSession, name: str) -> bool | None:
        """Whether a poller polls our connection; None as long as it does not answer."""
        with suppress(FileNotFoundError, ClientError):
            port = orjson.loads(note_of(name, self.shop.home).read_bytes())["port"]
            async with session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                return self.connection in (await answer.json())["polling"]
        return None

    async def shared_out(self, *names: str) -> list[str]:
        """Return who polls, once all of `names` answer and exactly one of them does."""
        async with asyncio.timeout(PATIENCE), ClientSession() as session:
            while True:
                said = [await self.polling(session, name) for name in names]
                if None not in said and said.count(True) == 1:  # while they change hands, both may
                    return [name for name, polls in zip(names, said, strict=True) if polls]
                await asyncio.sleep(0.1)

    async def client(self, organization: str) -> int:
        """A new client in FreshBooks, of which no webhook tells."""
        (client,) = await self.sandbox.control.act(
            [Create(noun=Noun.CLIENT, body={"organization": organization})]
        )
        return client

    async def found(self, client: int) -> Event:
        """Return the event by which the log comes to know of a client."""
        options = {"bootstrap_servers": self.kafka}
        consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
        await consumer.start()
        try:
            async with asyncio.timeout(PATIENCE):
                consumer.assign(await spots(options, EVENTS.name))
                async for record in consumer:
                    if record.key == f"{self.connection}:client:{client}".encode():
                        return decode(Event, record.value)
        finally:
            await consumer.stop()
        raise AssertionError


@pytest.fixture
def kafka(own_home: Path) -> str:
    """Return a Kafka of their own: they would poll the connections of other tests too, with other keys."""
    return single.start(own_home / "kafka")


@pytest.fixture
async def pollers(kafka: str, tmp_path: Path) -> AsyncIterator[Pollers]:
    """An installation with one connection that is polled every second."""
    name = f"poll-{token_hex(4)}"
    terminal = await Terminal.opened(tmp_path, kafka)
    shop = Shop(tmp_path, terminal.environment)
    async with running_freshbooks() as sandbox:
        pollers = Pollers(shop, name, sandbox, kafka)
        await pollers.connect()
        yield pollers
        for process in pollers.processes.values():
            process.terminate()
            process.wait()


async def test_one_polls_and_the_other_takes_over(pollers: Pollers) -> None:
    first = await pollers.client("Lost & Found Ltd")
    pollers.start("p1")
    pollers.start("p2")

    (owner,) = await pollers.shared_out("p1", "p2")
    event = await pollers.found(first)
    assert (event.source, event.action, event.webhook) == (EventSource.POLL, "seen", None)

    pollers.processes[owner].send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(pollers.processes[owner].wait) == 0
    other = next(name for name in pollers.processes if name != owner)
    assert await pollers.shared_out(other) == [other]
    second = await pollers.client("Found & Lost Ltd")
    assert (await pollers.found(second)).id != event.id


async def test_a_pass_that_freshbooks_refuses_is_tried_again(pollers: Pollers) -> None:
    refuse = Rule(kind=FaultKind.ANSWER, path="/accounting/*", status=403)
    await pollers.sandbox.control.faults(Faults(rules=(refuse,)))
    pollers.start("p1")
    log = pollers.shop.home / "p1.log"
    await until(lambda: "poll.failed" in log.read_text(), PATIENCE)

    await pollers.sandbox.control.faults(Faults())

    assert (await pollers.found(await pollers.client("Late Ltd"))).source is EventSource.POLL


@pytest.mark.parametrize("anew", [False, True], ids=["first life", "second life"])
async def test_a_poller_that_was_away_goes_on_where_it_stopped_and_repeats_nothing(
    pollers: Pollers, *, anew: bool
) -> None:
    if anew:
        await pollers.shop.command("connections", "remove", pollers.connection, "--apply")
        await pollers.connect()
    first = await pollers.client("Early Ltd")
    pollers.start("p1")
    told = await pollers.found(first)
    pollers.processes["p1"].send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(pollers.processes["p1"].wait) == 0
    missed = await pollers.client("Missed Ltd")

    pollers.start("p2")

    await pollers.found(missed)
    log = pollers.shop.home / "p2.log"
    await until(lambda: "poll.done" in log.read_text(), PATIENCE)
    passed = next(line for line in log.read_text().splitlines() if "poll.done" in line)
    assert orjson.loads(passed)["events"] == 1
    assert (await pollers.found(first)).id == told.id
