"""The Faust app of one worker, built from plain values; nothing global, nothing found by itself."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import faust
from faust.types import TP
from mode import CrashingSupervisor

from app.process.fail import FailStop
from app.worker import members
from app.worker.engine.assignor import Assignor
from app.worker.engine.tables import Table, Tables
from app.worker.engine.thread import NEVER
from app.worker.engine.transport import Transport
from app.worker.pumps import Pumps
from app.worker.watch import Watch
from streams.domain.place import Place
from streams.loop.contract import Delivery, Die, Stage

SESSION: Final = 10.0
"""Seconds without a heartbeat after which Kafka gives a worker's partitions to others."""


class _Quiet(faust.Monitor):  # type: ignore[misc]  # Faust is untyped
    """Faust's monitor without what it does for every message; the watch and our metrics replace it."""

    def on_message_in(self, *_: Any) -> None: ...
    def on_message_out(self, *_: Any) -> None: ...
    def on_stream_event_in(self, *_: Any) -> None: ...
    def on_stream_event_out(self, *_: Any) -> None: ...
    def track_tp_end_offset(self, *_: Any) -> None: ...


class App(faust.App):  # type: ignore[misc]  # Faust is untyped
    """Faust's app, with what our consumer must reach."""

    pumps: Pumps
    watch: Watch
    die: Die

    def on_rebalance_end(self) -> None:
        """Take note that a rebalance is over, unless the next one has begun meanwhile."""
        if not self.consumer.moving:
            super().on_rebalance_end()


@dataclass(frozen=True, slots=True)
class Group:
    """Which consumer group, on which Kafka, as whom."""

    name: str
    kafka: Mapping[str, Any]
    """Options of aiokafka's clients: where, and how one proves who one is."""
    partitions: int
    folder: Path
    """Scratch folder that Faust insists on."""
    session: float = SESSION


def build(group: Group, pumps: Pumps, watch: Watch, die: Die) -> App:
    """Return the app whose agents feed `pumps`; not started."""
    app = App(group.name, **_settings(group))
    app.pumps, app.watch, app.die = pumps, watch, die
    app.transport = Transport(app.conf.broker_consumer, app)
    pumps.end_of = lambda topic, partition: app.consumer.highwater(TP(topic, partition)) or 0
    pumps.begin_of = lambda topic, partition: _committed(app, TP(topic, partition))
    for table, partitions in pumps.tables.items():
        app.Table(
            table.name,
            key_type=bytes,
            value_type=bytes,
            partitions=group.partitions,
            partitioned=partitions,
            kafka=group.kafka,
        )
    for stage in pumps.stages:
        topic = app.topic(stage.reads.name, key_type=bytes, value_type=bytes, allow_empty=True)
        app.agent(topic, name=stage.step.value)(_agent(stage, pumps, FailStop(die)))
    return app


def _committed(app: App, tp: TP) -> int:
    """Return from where a partition is read after the seek, with which each assignment ends."""
    return max(app.consumer._committed_offset[tp] or 0, 0)  # noqa: SLF001  # a test guards the name


def _agent(stage: Stage, pumps: Pumps, fail_stop: FailStop) -> Callable[[Any], Awaitable[None]]:
    async def agent(stream: Any) -> None:
        with fail_stop:  # left to Faust, a failed agent is restarted behind the message that it failed on
            async for event in stream.noack().events():
                await pumps.take(stage, _delivery(event.message), event.ack)

    return agent


def _delivery(message: Any) -> Delivery:
    place = Place(topic=message.topic, partition=message.partition, offset=message.offset)
    moment = datetime.fromtimestamp(message.timestamp, UTC)
    headers = message.headers or ()
    return Delivery(place, message.key, message.value, moment, tuple(headers))


def _settings(group: Group) -> dict[str, Any]:
    """Return Faust's settings; its environment is empty, or variables like BROKER_URL would win over them.

    Measured: without the buffer of 65,536 the fetcher sleeps a second when full; without
    `cython_optimizations` and the quiet monitor a message costs twice as much.
    """
    return {
        "env": {},
        "broker": [f"kafka://{server}" for server in group.kafka["bootstrap_servers"].split(",")],
        "broker_credentials": _credentials(group.kafka),
        "broker_client_id": members.name(os.getpid()),
        "processing_guarantee": "at_least_once",
        "store": "memory://",
        "datadir": str(group.folder),
        "key_serializer": "raw",
        "value_serializer": "raw",
        "autodiscover": False,
        "web_enabled": False,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "topic_partitions": group.partitions,
        "table_standby_replicas": 0,
        "stream_wait_empty": True,
        "stream_buffer_maxsize": 65_536,
        "cython_optimizations": True,
        "agent_supervisor": CrashingSupervisor,
        "Monitor": _Quiet,
        "Table": Table,
        "TableManager": Tables,
        "PartitionAssignor": Assignor,
        "broker_session_timeout": group.session,
        "broker_heartbeat_interval": 1.0,
        "broker_request_timeout": 20.0,
        "broker_rebalance_timeout": 20.0,
        "broker_max_poll_interval": NEVER,
        "broker_commit_interval": 1.0,
        "consumer_auto_offset_reset": "earliest",
    }


def _credentials(kafka: Mapping[str, Any]) -> Any:
    protocol, context = kafka.get("security_protocol", "PLAINTEXT"), kafka.get("ssl_context")
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=kafka["sasl_mechanism"],
            username=kafka["sasl_plain_username"],
            password=kafka["sasl_plain_password"],
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)
