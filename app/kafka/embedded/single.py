"""The one-node Kafka of an installation: its folder is `home / "kafka"` of the settings."""

import errno
import shutil
from dataclasses import replace
from pathlib import Path

import structlog

from app.kafka.embedded.failures import DiskFull, PortTaken
from app.kafka.embedded.jars import classpath
from app.kafka.embedded.lock import locked
from app.kafka.embedded.node import PORT_PATIENCE, Node
from app.kafka.embedded.place import fresh_members, new_cluster, remember, remembered
from app.kafka.embedded.ports import frees_within
from app.kafka.embedded.training import train

ROOM = 256 << 20
"""Bytes that must be free: Kafka ends at the first write that does not fit."""
TURNS = 3
"""Starts, each on ports that were free, until somebody else counts as quicker for good."""

log = structlog.get_logger()


def start(home: Path, port: int | None = None) -> str:
    """Return the address of a Kafka that serves from `home`, started unless it runs already.

    `port` fixes the clients' port, 0 picks a new one; without it the one of last time is kept.
    Blocks for a second or two, at the very first start of a user for up to a minute.

    Raises:
        EmbeddedKafkaFailed: says why, and what to do.
    """
    home = home.resolve()
    with locked(home):
        node = find(home)
        if node is None or node.daemon.pid() is None:
            _check_room(home)
            jars = classpath()
            train(jars)
            node = _launched(home, port, jars)
        else:
            node.await_ready()
    log.info("kafka-ready", servers=node.address)
    return node.address


def find(home: Path) -> Node | None:
    """Return the node that lives in `home`, running or not; None when none ever did."""
    home = home.resolve()
    kept = remembered(home)
    if kept is None:
        return None
    cluster, members = kept
    return Node(home, cluster, members[0], members)


def running(home: Path) -> str | None:
    """Return the address of the Kafka that runs in `home`; None when it does not run."""
    node = find(home)
    return node.address if node is not None and node.daemon.pid() is not None else None


def stop(home: Path) -> bool:
    """Stop the Kafka of `home`; tell whether it ran."""
    node = find(home)
    if node is None:
        return False
    ran = node.daemon.pid() is not None
    node.stop()
    return ran


def _launched(home: Path, port: int | None, jars: tuple[Path, ...]) -> Node:
    """Return a node that serves; who loses its port at its start gets another one, unless it was asked for.

    Kafka binds seconds after we looked whether its port is free: whoever is quicker has it.
    """
    for turns_left in reversed(range(TURNS)):
        node = replace(_settle(home, port), classpath=jars)
        try:
            node.launch()
            node.await_ready()
        except PortTaken:
            if port or not turns_left:
                raise
            log.warning("kafka-port-lost", broker=node.me.broker, controller=node.me.controller)
        else:
            break
    return node


def _settle(home: Path, port: int | None) -> Node:
    """Decide on which ports the node will listen, and remember it."""
    before = find(home)
    (fresh,) = fresh_members(1)
    me = fresh if before is None or port == 0 else before.me
    if port:
        me = replace(me, broker=port)
    elif not frees_within(me.broker, PORT_PATIENCE):
        log.warning("kafka-port-moved", taken=me.broker, now=fresh.broker)
        me = replace(me, broker=fresh.broker)
    if not frees_within(me.controller, PORT_PATIENCE):
        me = replace(me, controller=fresh.controller)
    cluster = new_cluster() if before is None else before.cluster
    remember(home, cluster, (me,))
    return Node(home, cluster, me, (me,))


def _check_room(home: Path) -> None:
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:  # pragma: no cover - the folder vanished under us
        message = f"{home} cannot be read ({errno.errorcode.get(error.errno or 0, 'error')})"
        raise DiskFull(message) from None
    if free < ROOM:
        message = f"{home} has {free >> 20} MB left, Kafka needs {ROOM >> 20}"
        raise DiskFull(message)
