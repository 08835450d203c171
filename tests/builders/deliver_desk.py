"""A deliver step on a desk: its tables, an org, and what it says."""

import asyncio
from collections.abc import Awaitable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command, SObject
from streams.domain.errors import Refused
from streams.domain.event import Event
from streams.domain.identity import ConnectionName
from streams.steps.deliver import Deliver
from streams.steps.flights import Word
from tests.builders.commands import ACME
from tests.fakes.org import FakeOrg


@dataclass
class Desk:
    """A deliver step with its tables and an org; what it hands back to itself waits in `back`."""

    org: FakeOrg = field(default_factory=FakeOrg)
    id_map: dict[bytes, bytes] = field(default_factory=dict)
    parked: MutableMapping[bytes, bytes] = field(default_factory=dict)
    back: list[Command] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    holds_back: bool = True
    """Whether a failed row holds back what follows."""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.step = Deliver(self.org, self.id_map, self.parked, lambda _: self.holds_back)

    async def tell(self, *commands: Command) -> list[Verdict]:
        """Ask all commands at once, conclude them in order; return what was said of each."""
        self.entries = []
        asked = [asyncio.ensure_future(self.step.ask(command)) for command in commands]
        for command, word in zip(commands, asked, strict=True):
            for said in self.step(command, await word):
                self._sort(said)
        return [it.verdict for it in self.entries]

    async def conclude(self, command: Command, asked: Awaitable[Word]) -> None:
        """Conclude what was asked as the loop does: what is refused becomes a dead letter."""
        word = await asked
        with suppress(Refused), self._undone(command):
            for said in self.step(command, word):
                self._sort(said)

    async def bury(self, *commands: Command) -> list[str]:
        """Tell all commands as the loop does, one by one; what is refused becomes a dead letter."""
        said: list[str] = []
        for command in commands:
            try:
                with self._undone(command):
                    said += map(str, await self.tell(command))
            except Refused as error:
                said.append(error.code)
        return said

    @contextmanager
    def _undone(self, command: Command) -> Iterator[None]:
        """Take back what a refused command wrote into the tables, as the loop does, and bury it."""
        before = dict(self.id_map), dict(self.parked)
        try:
            yield
        except Refused:
            for table, was in zip((self.id_map, self.parked), before, strict=True):
                table.clear()
                table.update(was)
            self.step.buried(command)
            raise

    async def go_round(self) -> list[Verdict]:
        """Read what the step wrote back to its own topic."""
        back, self.back = self.back, []
        return await self.tell(*back)

    def _sort(self, said: AuditEntry | Command | Event) -> None:
        match said:
            case AuditEntry():
                self.entries.append(said)
            case Command():
                self.back.append(said)
            case Event():
                self.events.append(said)

    def has(self, sobject: SObject, external_id: str = "p7rQW5:7", *, client: ConnectionName = ACME) -> bool:
        return (client, sobject, external_id) in self.org.rows

    @property
    def calls(self) -> Sequence[str]:
        return [it.row for it in self.org.written]


async def under_way(desk: Desk, command: Command) -> asyncio.Future[Word]:
    """Ask, and let it get as far as the org, which takes its time."""
    desk.org.before = slowly
    asked = asyncio.ensure_future(desk.step.ask(command))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return asked


async def slowly(_: Command) -> None:
    await asyncio.sleep(0.001)
