"""Make the start-up archive: run a node once, in a folder of its own, and let Java write what it learned."""

import tempfile
from pathlib import Path

import structlog

from app.kafka.embedded import archive
from app.kafka.embedded.failures import EmbeddedKafkaFailed
from app.kafka.embedded.lock import locked
from app.kafka.embedded.node import Node
from app.kafka.embedded.place import fresh_members, new_cluster

PATIENCE = 120.0

log = structlog.get_logger()


def train(classpath: tuple[Path, ...]) -> None:
    """Make the archive when it was never tried; a failure costs speed, not the start."""
    goal = archive.place(classpath)
    with locked(goal.parent):
        if goal.exists():
            return
        log.info("kafka-archive-making", into=str(goal))
        try:
            _make(goal, classpath)
        except (EmbeddedKafkaFailed, OSError) as failure:
            log.warning("kafka-archive-failed", why=str(failure))


def _make(goal: Path, classpath: tuple[Path, ...]) -> None:
    with tempfile.TemporaryDirectory(dir=goal.parent, prefix="train-") as scratch:
        made = Path(scratch) / goal.name
        _rehearse(Path(scratch), classpath, made)
        if not made.exists():
            made.touch()  # tried in vain: not again at every start
        made.replace(goal)


def _rehearse(scratch: Path, classpath: tuple[Path, ...], made: Path) -> None:
    members = fresh_members(1)
    node = Node(scratch / "node", new_cluster(), members[0], members, classpath=classpath)
    try:
        node.launch(options=(f"-XX:AOTCacheOutput={made}",))
        node.await_ready()
    finally:
        node.stop(PATIENCE)
