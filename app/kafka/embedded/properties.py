"""Kafka's settings for a machine of one's own: small, quick to start, closed to the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.kafka.embedded.ports import HOST

QUICK = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    "log.cleaner.dedupe.buffer.size": str(16 << 20),
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "controlled.shutdown.max.retries": "1",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a quorum: its number and its two ports."""

    number: int
    broker: int
    controller: int


def properties(me: Member, all_members: tuple[Member, ...], data: Path, min_insync: int) -> Mapping[str, str]:
    """Return server.properties for `me` among `all_members`, with its log in `data`."""
    copies = str(len(all_members))
    insync = str(min_insync)
    return QUICK | {
        "node.id": str(me.number),
        "controller.quorum.voters": ",".join(f"{m.number}@{HOST}:{m.controller}" for m in all_members),
        "listeners": f"PLAINTEXT://{HOST}:{me.broker},CONTROLLER://{HOST}:{me.controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{me.broker}",
        "log.dirs": str(data),
        "default.replication.factor": copies,
        "min.insync.replicas": insync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": insync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": insync,
    }
