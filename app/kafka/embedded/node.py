"""One Kafka node in its own folder: started, awaited, found again, stopped, killed."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.kafka.embedded import archive, java
from app.kafka.embedded.diagnosis import diagnose
from app.kafka.embedded.failures import KafkaCrashed, PortTaken
from app.kafka.embedded.ports import HOST, frees_within
from app.kafka.embedded.probe import seen
from app.kafka.embedded.process import Daemon
from app.kafka.embedded.properties import Member, properties

PATIENCE = 120.0
"""Seconds until a start counts as failed; a quiet machine needs two, a crowded one thirty."""
STOP_PATIENCE = 15.0
PORT_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Node:
    """A node of an embedded Kafka: what it is, not whether it runs."""

    home: Path
    cluster: str
    me: Member
    members: tuple[Member, ...]
    min_insync: int = 1
    classpath: tuple[Path, ...] = field(default=(), repr=False)

    @property
    def address(self) -> str:
        """Where clients reach this node."""
        return f"{HOST}:{self.me.broker}"

    @property
    def output(self) -> Path:
        """What Kafka says."""
        return self.home / "kafka.log"

    @property
    def settings(self) -> Path:
        """Kafka's own settings file, which also marks the process as ours."""
        return self.home / "server.properties"

    @property
    def daemon(self) -> Daemon:
        """The process of this node."""
        return Daemon(self.home / "pid", mark=str(self.settings))

    def launch(self, options: Sequence[str] | None = None) -> None:
        """Start the process without waiting for it; nothing happens when it runs already.

        Raises:
            PortTaken: another program listens on one of its ports.
        """
        if self.daemon.pid() is not None:
            return
        for port in (self.me.broker, self.me.controller):
            if not frees_within(port, PORT_PATIENCE):
                message = f"port {port} of {HOST} is taken by another program"
                raise PortTaken(message)
        self._prepare()
        if self.output.exists():
            self.output.replace(self.home / "kafka.log.1")  # what it said last time
        extra = archive.options(self.classpath) if options is None else options
        command = java.command(self.classpath, "kafka.Kafka", str(self.settings), options=extra)
        self.daemon.spawn(command, self.output)

    def await_ready(self, brokers: int = 1, patience: float = PATIENCE) -> None:
        """Return when this node serves and knows `brokers` of the cluster to be alive.

        Raises:
            EmbeddedKafkaFailed: it ended instead, or was not ready in time; says why.
        """
        deadline = time.monotonic() + patience
        while self._brokers_seen() < brokers:
            if self.daemon.pid() is None:
                raise diagnose(self.output)
            if time.monotonic() > deadline:
                message = f"Kafka was not ready after {patience:g} s; its log is {self.output}"
                raise KafkaCrashed(message)
            time.sleep(0.05)

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """Stop the node in order, and by force when that takes longer than `patience` seconds."""
        self.daemon.stop(patience)

    def kill(self) -> None:
        """Kill the node as a power cut would (SIGKILL)."""
        self.daemon.kill()

    def _brokers_seen(self) -> int:
        """Return how many brokers it knows to be alive, once it serves.

        Another Kafka that was quicker at its port serves other data: ours is about to end.
        """
        answer = seen(self.me.broker)
        if answer is None or f"cluster.id={answer.cluster}\n" not in self._formatted.read_text():
            return 0
        return answer.brokers

    @property
    def _formatted(self) -> Path:
        """What its storage is, which names the cluster."""
        return self.home / "data" / "meta.properties"

    def _prepare(self) -> None:
        """Write its settings, and format its storage when that was never done."""
        self.home.mkdir(parents=True, exist_ok=True)
        storage = self._formatted.parent
        lines = properties(self.me, self.members, storage, self.min_insync)
        self.settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        if not self._formatted.exists():
            self._format()

    def _format(self) -> None:
        arguments = ("kafka.tools.StorageTool", "format", "-t", self.cluster, "-c", str(self.settings))
        extra = archive.options(self.classpath)
        command = java.command(self.classpath, *arguments, "--ignore-formatted", options=extra)
        said = self.home / "format.log"
        with said.open("wb") as output:
            ended = subprocess.run(command, stdout=output, stderr=output, check=False)  # noqa: S603 - ours
        if ended.returncode:
            raise diagnose(said)
