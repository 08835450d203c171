"""A wire between the nodes of one Kafka: it knows who calls, so that one node can be parted."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.wire import Gates, Wire, open_gates

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def _nobody() -> dict[int, int]:
    return {}


@dataclass
class PeerWire(Wire):
    """A wire to one node."""

    pids: Callable[[], dict[int, int]] = _nobody
    """Number of a node by its process, as of now."""
    parted: dict[int, Gates] = field(default_factory=dict)
    """Gates by the number of the node that calls."""

    def part(self, number: int) -> None:
        """Let nothing through that node `number` calls, or called, for."""
        for gate in self._gates_from(number).values():
            gate.clear()

    def join(self) -> None:
        """Let everything through again."""
        for gates in self.parted.values():
            for gate in gates.values():
                gate.set()

    def close(self) -> None:
        """Break everything, and part nobody any more."""
        self.join()
        super().close()

    def _gates_of(self, caller: asyncio.StreamWriter) -> Gates:
        port = caller.get_extra_info("peername")[1]
        return self._gates_from(owner(port, self.port, self.pids()))

    def _gates_from(self, number: int) -> Gates:
        return self.parted.setdefault(number, open_gates())


def owner(port: int, far: int, pids: dict[int, int]) -> int:
    """Return which of `pids` called `far` from `port`; 0 when none of them did."""
    inodes = {f"socket:[{inode}]" for inode in _inodes(port, far)}
    for pid, number in pids.items():
        if any(link in inodes for link in _links(pid)):
            return number
    return 0


def _inodes(port: int, far: int) -> Iterator[str]:
    """Yield the inodes of the sockets between two ports of this machine, seen from the first."""
    for table in TABLES:
        for line in table.read_text().splitlines()[1:]:
            words = line.split()
            ends = [int(word.rpartition(":")[2], 16) for word in words[1:3]]
            if ends == [port, far]:
                yield words[9]


def _links(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield os.readlink(each)  # noqa: PTH115  # a socket is no path
