"""Connections and grants as they stand in Kafka, and the way to write new ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from app.kafka.client import client_options
from app.kafka.compacted import CompactedView
from app.kafka.writer import writing
from app.log_ins import LogIns
from app.settings import Settings
from app.vault.access import Grants
from app.vault.grants import Grant
from app.vault.keys import Closed, load, unheeded
from app.vault.seal import Random, Sealer
from streams.codec import decode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.grant import Sealed, Side
from streams.domain.identity import ConnectionName, digest
from streams.domain.succession import Succession
from streams.loop.contract import Clock
from streams.topics import CONNECTIONS, GRANTS

V = TypeVar("V")

_IN_FORCE: Final = 5.0
"""Seconds until what Kafka has acknowledged is surely read back."""


class NoConnection(Misconfigured):
    """There is no connection of that name."""

    code = "no-connection"
    mend = "see `freshforce connections list`"


class RemovedMeanwhile(Misconfigured):
    """Somebody removed the connection while it was being connected."""

    code = "removed-meanwhile"
    mend = "nothing of it stays; to have it back all the same, connect again"

    @classmethod
    def of(cls, connection: Connection) -> "RemovedMeanwhile":
        """Return the refusal for what was asked of a former life of the name."""
        return cls(f"{connection.name} was removed meanwhile")


@dataclass(frozen=True, slots=True)
class Chores:
    """What is written while nobody waits for it; whoever leaves waits at last."""

    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def begin(self, chore: Coroutine[Any, Any, None]) -> None:
        """Begin a chore that raises nothing."""
        task = asyncio.create_task(chore)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Return when all that was begun is done."""
        await asyncio.gather(*self._tasks)


async def _at_once() -> None:
    """Read no further: all is known."""


@dataclass(frozen=True, slots=True)
class Registry:
    """All connections and their grants, current while it is open."""

    connections: Mapping[str, Connection]
    grants: Grants
    write: Callable[..., Awaitable[None]]
    """Puts values into Kafka, in order; returns when they are acknowledged."""
    clock: Clock
    random: Random
    erase: Callable[..., Awaitable[None]]
    """Takes keys out of a compacted topic; returns when that is acknowledged."""
    chores: Chores = field(default_factory=Chores)
    log_ins: LogIns = field(default_factory=LogIns)
    """At Salesforce, by this process: however many of its pages log in, they are bounded together."""
    read_on: Callable[[], Awaitable[None]] = _at_once
    """Returns when `connections` shows all that was written by now."""
    speaker: Step = Step.COMMAND_LINE
    """Who acts here, as the audit has it."""

    def __getitem__(self, name: ConnectionName) -> Connection:
        """Return a connection.

        Raises:
            NoConnection: there is none of that name.
        """
        found = self.connections.get(name)
        if found is None or found.removed:
            message = f"there is no connection {name}"
            raise NoConnection(message)
        return found

    async def keep(self, connection: Connection) -> None:
        """Write a connection; return when it is in force here, too: who reads on finds it."""
        await self.write(connection)
        with suppress(TimeoutError):  # somebody else may have written meanwhile: then theirs is in force
            async with asyncio.timeout(_IN_FORCE):
                while self.connections.get(connection.name) != connection:  # noqa: ASYNC110 - a mapping rings no bell
                    await asyncio.sleep(0.02)

    def all(self) -> list[Connection]:
        """Return the connections that there are, by name."""
        return [each for _, each in sorted(self.connections.items()) if not each.removed]

    def taken(self, name: ConnectionName) -> Connection:
        """Return the connection of that name as connecting finds it: as it is, new, or in a new life.

        A removed one that is taken anew keeps nothing of its settings but the count of its lives.
        """
        found = self.connections.get(name) or Connection(name=name)
        return Connection(name=name, life=found.life + 1) if found.removed else found

    async def replace(
        self,
        connection: Connection,
        grant: Grant,
        side: Side,
        rule: str,
        stands: Callable[[], bool] = lambda: False,
    ) -> int:
        """Make `grant` the connection's newest of that side; return its generation once it is in force.

        Nothing is written where `stands` finds, in the newest, that it was put before.

        Raises:
            RemovedMeanwhile: the newest is of a later life of the name.
        """
        while True:  # the keeper may have been first; what a person brings comes after it
            before = await self.grants.newest(connection.name, side)
            if before is not None and before.generation > connection.last_generation:
                raise RemovedMeanwhile.of(connection)
            if before is not None and stands():
                return before.generation
            if await self.follow(connection, grant, side, rule, before):
                return _generation(connection, before)

    async def follow(
        self, connection: Connection, grant: Grant, side: Side, rule: str, before: Sealed | None
    ) -> bool:
        """Make `grant` what follows `before`; tell whether it is in force, or somebody else was first."""
        generation = _generation(connection, before)
        sealed = self.grants.sealer.seal(grant, connection.name, generation, self.clock())
        follows = "" if before is None else before.mark
        if not await self.grants.put(sealed.model_copy(update={"follows": follows})):
            return False
        await self.note(connection, Verdict.GRANTED, rule, side=side.value, generation=generation)
        return True

    async def note_keys(self) -> None:
        """Say in the audit which keys are here: the same keys once, whoever starts how often."""
        active, *older = reversed([*self.grants.sealer.keys.keys])
        cause = digest("keys", active, *older)
        await self.write(
            AuditEntry(
                id=audit_id(Step.KEEP_GRANTS, Verdict.CONFIGURED, cause),
                connection=ConnectionName(""),
                step=Step.KEEP_GRANTS,
                verdict=Verdict.CONFIGURED,
                cause=cause,
                rule=f"the key {active} encrypts",
                details={"decrypts_only": [*older]},
            )
        )

    async def note(
        self,
        connection: Connection | None,
        verdict: Verdict,
        rule: str,
        **details: str | int,
    ) -> None:
        """Write an audit entry of what a person did, or a role by itself; None is the installation."""
        step = self.speaker
        name = ConnectionName("") if connection is None else connection.name
        cause = digest(step.value, name, rule, self.clock().isoformat())
        await self.write(
            AuditEntry(
                id=audit_id(step, verdict, cause),
                connection=name,
                step=step,
                verdict=verdict,
                cause=cause,
                rule=rule,
                details=dict(details),
            )
        )


def _generation(connection: Connection, before: Sealed | None) -> int:
    """Return the generation of what follows `before`, which may be left of a former life."""
    return max(connection.first_generation, 1 if before is None else before.generation + 1)


@asynccontextmanager
async def open_registry(
    settings: Settings,
    clock: Clock,
    random: Random,
    closed: Closed = unheeded,
    speaker: Step = Step.COMMAND_LINE,
) -> AsyncIterator[Registry]:
    """Lend the registry of an installation; `closed` is told of a key that turns out to be missing.

    What is done through it is audited as `speaker`'s.

    Raises:
        Misconfigured: no Kafka, no topics, no keys; each says how to mend it.
        Unreachable: no broker answers.
    """
    sealer = Sealer(load(settings.key_file, settings.keys.get_secret_value(), closed), random)
    options = client_options(settings)
    connections = CompactedView(CONNECTIONS.name, options, partial(decode, Connection))
    succession = Succession()
    view = CompactedView(GRANTS.name, options, partial(decode, Sealed), succession.counts)
    async with writing(options) as writer, _following(connections), _following(view):
        grants = Grants(view, sealer, writer.write, lambda: succession.mending)
        parts = (connections, grants, writer.write, clock, random, writer.erase)
        registry = Registry(*parts, read_on=connections.caught_up, speaker=speaker)
        try:
            yield registry
        finally:
            await registry.chores.done()


@asynccontextmanager
async def open_connections(settings: Settings) -> AsyncIterator[Mapping[str, Connection]]:
    """Lend the connections alone: who looks at no grant needs no key.

    Raises:
        TopicMissing: the topic does not exist; create it.
    """
    view = CompactedView(CONNECTIONS.name, client_options(settings), partial(decode, Connection))
    async with _following(view):
        yield view


@asynccontextmanager
async def _following(view: CompactedView[V]) -> AsyncIterator[None]:
    await view.start()
    try:
        yield
    finally:
        await view.stop()
