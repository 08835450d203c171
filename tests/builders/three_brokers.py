"""Three real brokers that reach each other through wires of ours; clients reach them as ever."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.kafka.embedded.cluster import MIN_INSYNC, SIZE, Cluster
from app.kafka.embedded.jars import classpath
from app.kafka.embedded.place import fresh_members, new_cluster
from app.kafka.embedded.ports import HOST, free_ports
from app.kafka.embedded.properties import Member
from app.kafka.embedded.training import train
from app.kafka.inventory import administering
from tests.builders.fronted import Altered
from tests.fakes.peer_wire import PeerWire
from tests.fakes.wire import laid

PROTOCOLS = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT"


@dataclass(frozen=True, slots=True)
class ThreeBrokers:
    """A cluster, and what lies between its nodes."""

    cluster: Cluster
    wires: dict[int, tuple[PeerWire, PeerWire]]
    """To each node: of the brokers, of the controllers."""

    @property
    def servers(self) -> str:
        return self.cluster.servers

    async def whole(self) -> None:
        """Start what does not run, and return when every node sees all."""
        await asyncio.to_thread(self.cluster.start)

    async def kill(self, *numbers: int) -> None:
        for number in numbers:
            await asyncio.to_thread(self.cluster.kill, number)

    async def roll(self, number: int) -> None:
        """Stop a node in order and start it again."""
        await asyncio.to_thread(self.cluster.nodes[number - 1].stop)
        await asyncio.to_thread(self.cluster.restart, number)

    def freeze(self, number: int) -> None:
        os.kill(self.pid(number), signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        os.kill(self.pid(number), signal.SIGCONT)

    def isolate(self, number: int) -> None:
        """Part a node from the other two; clients see all three."""
        for to, wires in self.wires.items():
            for wire in wires:
                for caller in self.wires:
                    if (number == to) != (number == caller):
                        wire.part(caller)

    def heal(self) -> None:
        """Join what was parted; connections that hung are broken."""
        for wires in self.wires.values():
            for wire in wires:
                wire.reset()
                wire.join()

    async def leader(self, topic: str, partition: int = 0) -> int:
        """Return the number of the node that leads a partition."""
        async with administering({"bootstrap_servers": self.servers}) as admin:
            (found,) = await admin.describe_topics([topic])
            return next(int(p["leader"]) for p in found["partitions"] if p["partition"] == partition)

    def pid(self, number: int) -> int:
        pid = self.cluster.nodes[number - 1].daemon.pid()
        assert pid is not None
        return pid

    def pids(self) -> dict[int, int]:
        """Return the number of each node that runs, by its process."""
        running = ((node.daemon.pid(), node.me.number) for node in self.cluster.nodes)
        return {pid: number for pid, number in running if pid is not None}


@asynccontextmanager
async def three_brokers(home: Path) -> AsyncIterator[ThreeBrokers]:
    """Run them in `home`, an absolute path."""
    jars = classpath()
    await asyncio.to_thread(train, jars)
    members, internal, name = fresh_members(SIZE), free_ports(SIZE), new_cluster()
    async with AsyncExitStack() as stack:

        async def wire(target: int) -> PeerWire:
            return await stack.enter_async_context(laid(PeerWire(target)))

        wires = {
            me.number: (await wire(port), await wire(me.controller))
            for me, port in zip(members, internal, strict=True)
        }
        nodes = tuple(
            Altered(
                home / str(me.number),
                name,
                me,
                members,
                MIN_INSYNC,
                jars,
                _changed(me, port, wires),
            )
            for me, port in zip(members, internal, strict=True)
        )
        brokers = ThreeBrokers(Cluster(nodes), wires)
        for each in wires.values():
            for one in each:
                one.pids = brokers.pids
        try:
            await brokers.whole()
            yield brokers
        finally:
            await asyncio.to_thread(brokers.cluster.stop)


def _changed(
    me: Member, internal: int, wires: dict[int, tuple[PeerWire, PeerWire]]
) -> tuple[tuple[str, str], ...]:
    """Return the settings by which a node reaches its peers, and they reach it, through wires."""
    brokers, controllers = wires[me.number]
    voters = ",".join(f"{number}@{HOST}:{control.port}" for number, (_, control) in wires.items())
    clients = f"PLAINTEXT://{HOST}:{me.broker}"
    return (
        ("listeners", f"{clients},INTERNAL://{HOST}:{internal},CONTROLLER://{HOST}:{me.controller}"),
        (
            "advertised.listeners",
            f"{clients},INTERNAL://{HOST}:{brokers.port},CONTROLLER://{HOST}:{controllers.port}",
        ),
        ("listener.security.protocol.map", PROTOCOLS),
        ("inter.broker.listener.name", "INTERNAL"),
        ("controller.quorum.voters", voters),
    )
