"""Three nodes for fault tests: replication 3, min ISR 2, each one can be killed and started again."""

from dataclasses import dataclass
from pathlib import Path

from app.kafka.embedded.jars import classpath
from app.kafka.embedded.node import Node
from app.kafka.embedded.place import fresh_members, new_cluster, remember
from app.kafka.embedded.training import train

SIZE = 3
MIN_INSYNC = 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """A quorum of nodes, each both broker and controller."""

    nodes: tuple[Node, ...]

    @property
    def servers(self) -> str:
        """Bootstrap servers: all nodes."""
        return ",".join(node.address for node in self.nodes)

    def start(self) -> None:
        """Start the nodes that do not run and wait until every one of them sees all."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_ready(brokers=len(self.nodes))

    def restart(self, number: int) -> None:
        """Start node `number` (from 1) again and wait until it serves."""
        node = self.nodes[number - 1]
        node.launch()
        node.await_ready(brokers=2)

    def kill(self, number: int) -> None:
        """Kill node `number` (from 1) with SIGKILL."""
        self.nodes[number - 1].kill()

    def stop(self) -> None:
        """End all nodes; by force, since the last ones of a quorum cannot leave in order."""
        for node in self.nodes:
            node.stop(patience=0)


def cluster(home: Path) -> Cluster:
    """Return a new cluster of three nodes that will live in `home`; start it next."""
    home = home.resolve()
    jars = classpath()
    train(jars)
    name, members = new_cluster(), fresh_members(SIZE)
    remember(home, name, members)
    return Cluster(tuple(Node(home / str(me.number), name, me, members, MIN_INSYNC, jars) for me in members))
