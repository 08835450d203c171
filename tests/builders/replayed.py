"""An installation with a worker, a Salesforce and a Kafka of its own, whose log somebody rewinds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.bench.crash_house import Role
from app.demo.progress import Watcher
from app.kafka.embedded import single
from app.kafka.embedded.jars import classpath
from app.kafka.embedded.java import command
from app.kafka.inventory import administering, await_coordinator
from app.kafka.producer import produce, producing
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from streams.domain.record import Record
from streams.topics import APP, RECORDS
from tests.builders.records import A_CONNECTION, ACME
from tests.builders.terminal import Terminal

TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
TOOLS = Path(__file__).with_name("kafka_tools.sha256")
"""What the tool needs beside the broker's own jars."""
PATIENCE = 60.0


@dataclass
class Installed:
    """The terminal, the worker and the org; the connection is `acme`."""

    shell: Terminal
    kafka: str
    org: RunningSalesforce
    worker: Role

    async def put(self, records: Sequence[Record]) -> None:
        """Write records as fetch does."""
        async with producing({"bootstrap_servers": self.kafka}) as producer:
            await produce(producer, records)

    async def settled(self) -> None:
        """Return when all of the log is worked off."""
        async with asyncio.timeout(PATIENCE), Watcher(self.kafka) as watcher:
            while not (await watcher.look()).settled:  # noqa: ASYNC110  # Kafka rings no bell
                await asyncio.sleep(0.2)

    def rows(self, sobject: str) -> list[dict[str, object]]:
        """Return the org's rows of one kind."""
        return [dict(row) for row in self.org.control.people.rows(sobject)]

    @property
    def upserts(self) -> int:
        """Calls that wrote something, so far."""
        return sum(count for name, count in self.org.control.counters()["calls"].items() if "PATCH" in name)

    async def by_kafkas_tool(self, *words: str) -> str:
        """Run what `kafka-consumer-groups.sh` runs, on the group of the workers."""
        jars = await asyncio.to_thread(lambda: (*classpath(), *classpath(manifest=TOOLS)))
        java = command(jars, TOOL, "--bootstrap-server", self.kafka, "--group", APP, *words)
        process = await asyncio.create_subprocess_exec(
            *java, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        out, _ = await process.communicate()
        return out.decode()

    async def rewound_by_kafkas_tool(self) -> str:
        """Set the records back to their beginning, once Kafka sees the group empty."""
        words = ("--topic", RECORDS.name, "--reset-offsets", "--to-earliest", "--execute")
        async with asyncio.timeout(PATIENCE):
            while RECORDS.name not in (said := await self.by_kafkas_tool(*words)):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.5)
        return said


@asynccontextmanager
async def installed(home: Path) -> AsyncIterator[Installed]:
    """Set it up as a user would; the worker is not started yet."""
    kafka = await asyncio.to_thread(single.start, home / "kafka")
    try:
        shell = await Terminal.opened(home, kafka)
        async with administering({"bootstrap_servers": kafka}) as admin:
            await await_coordinator(admin, APP)
        async with running_salesforce("prepared") as org, producing({"bootstrap_servers": kafka}) as producer:
            await produce(producer, [A_CONNECTION])
            login = ("--domain", org.url, "--client-id", org.client_id, "--client-secret-file", "-")
            code, out, err = await shell.run("connect", "salesforce", ACME, *login, typed=org.client_secret)
            assert code == 0, out + err
            worker = Role("worker", home, shell.environment)
            try:
                yield Installed(shell, kafka, org, worker)
            finally:
                await worker.stop()
    finally:
        await asyncio.to_thread(single.stop, home / "kafka")
