"""A real Kafka whose clients must come through a wire of ours: it tells them the wire's port for its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from app.kafka.embedded.jars import classpath
from app.kafka.embedded.node import Node
from app.kafka.embedded.place import fresh_members, new_cluster
from app.kafka.embedded.ports import HOST
from app.kafka.embedded.training import train
from tests.fakes.wire import Wire, laid

W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Altered(Node):
    """A node with some settings of the test's own."""

    changed: tuple[tuple[str, str], ...] = ()

    def _prepare(self) -> None:
        Node._prepare(self)
        lines = self.settings.read_text().splitlines()
        settled = dict(line.split("=", 1) for line in lines) | dict(self.changed)
        self.settings.write_text("".join(f"{name}={value}\n" for name, value in settled.items()))


@dataclass(frozen=True, slots=True)
class Fronted(Generic[W]):
    """One node and the wire in front of it."""

    node: Node
    wire: W

    @property
    def servers(self) -> str:
        """Where clients believe that Kafka is."""
        return f"{HOST}:{self.wire.port}"


@asynccontextmanager
async def fronted(home: Path, kind: type[W]) -> AsyncIterator[Fronted[W]]:
    """Run one node in `home`, an absolute path, behind a wire."""
    jars = classpath()
    await asyncio.to_thread(train, jars)
    (me,) = fresh_members(1)
    async with laid(kind(me.broker)) as wire:
        told = ("advertised.listeners", f"PLAINTEXT://{HOST}:{wire.port}")
        node = Altered(home, new_cluster(), me, (me,), 1, jars, (told,))
        try:
            await asyncio.to_thread(node.launch)
            await asyncio.to_thread(node.await_ready)
            yield Fronted(node, wire)
        finally:
            await asyncio.to_thread(node.stop)
