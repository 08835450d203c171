"""A schedule after which the offsets are set back, again and again, by whatever rewinds a group."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from app.replay.proof import Alarm, Proof
from app.replay.rederived import Rederived
from app.replay.weighing import Sort, Weighed, Weighing
from streams.codec import decode
from streams.domain.command import Command, Field
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from streams.domain.replay import Replay
from streams.domain.scope import Scope
from streams.loop.burial import Burials
from streams.loop.contract import Spot, Stage
from streams.loop.journal import Journal
from streams.loop.pump import Pump
from streams.loop.rewind import NO_REWIND, Rewind
from streams.mapping.rules import Rules
from streams.ports import Books, Rows, Settings
from streams.topics import COMMANDS, ID_MAP, LEDGER, RECORDS
from streams.topology import stages
from tests.builders.records import A_CONNECTION, ACME, a_client
from tests.builders.replays import a_replay, a_stretch
from tests.fakes.org import RowName
from tests.simulation.scene import Scene
from tests.simulation.worker import Faults, Worker

RowsNow = dict[RowName, dict[str, Field]]


def _made(at: "dict[ConnectionName, Connection]", books: Books, rows: Rows, _: Settings) -> Sequence[Stage]:
    return stages(books, rows, at)


class _Heeding(Worker):
    """A worker that heeds a replay."""

    def __init__(self, plan: Replay | None, *parts: Any) -> None:
        super().__init__(*parts)
        self._plan = plan

    def _pump(self, stage: Stage, spot: Spot, journals: Sequence[Journal]) -> Pump:
        rewind = None if self._plan is None else Rewind.of(self._plan, spot)
        takeover = replace(self._knowing(stage, spot), rewind=rewind or NO_REWIND)
        return Pump(stage, journals, Burials(), self._around, takeover)


@dataclass
class Replays(Scene):
    """Play as any scene, then rewind; `mapping` is set in between."""

    mapping: str = ""
    only: str = ""
    """What a plan is about; then workers pass by the rest of what was rewound."""
    rewinds: int = 3
    settings: dict[ConnectionName, Connection] = field(default_factory=lambda: {ACME: A_CONNECTION})
    before: RowsNow = field(default_factory=dict)
    """The rows when all was quiet, before the first rewind."""
    foreseen: dict[str, Weighed] = field(default_factory=dict)
    """What the preview of a rewind to the beginning says, by row."""
    written: Sequence[Command] = ()
    """What the rewinds sent."""
    plan: Replay | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.make = partial(_made, self.settings)
        self.keeper.clients = 2

    async def play(self) -> None:
        """Let it all happen and heal; then replay."""
        for it in (a_client(7), a_client(8)):
            self.keeper.keep(it)
        await super().play()
        self.before = {name: dict(row) for name, row in self.org.rows.items()}
        self.settings[ACME] = A_CONNECTION.model_copy(update={"mapping": self.mapping})
        self.foreseen = {it.command.row: it for it in self.preview()}
        so_far = len(self.org.written)
        self.plan = self._plan() if self.only else None
        for nth in range(self.rewinds):
            self._rewind(whole=nth == 0)
            if self.chance.happens(0.5):
                await self._work_until_it_ends_badly()
                self._rewind(whole=nth == 0)
        worker = await self._quiet(self._sound_worker())
        await worker.crash()
        self.written = self.org.written[so_far:]

    def preview(self) -> list[Weighed]:
        """Preview a replay of all records, with the state as the changelogs have it."""
        return [row for number in range(self.partitions) for row in self._previewed(number)]

    def proof(self) -> list[Alarm]:
        """Derive all again and hold it against what was sent."""
        return [alarm for number in range(self.partitions) for alarm in self._proved(number)]

    def _plan(self) -> Replay:
        """Return the running replay that a plan comes to: all was done before that stands in the log now."""
        ends = [self.broker.committed[RECORDS.name, number] for number in range(self.partitions)]
        stretches = [a_stretch(0, end, end, partition=number) for number, end in enumerate(ends)]
        return a_replay(*stretches, only=self.only)

    def _worker(self, faults: Faults) -> Worker:
        made = self.make(self.books, self.org, self.settings)
        return _Heeding(self.plan, self.broker, made, self.chance, faults)

    def _rewind(self, *, whole: bool) -> None:
        """Set the records back: to the beginning, or anywhere."""
        for number in range(self.partitions):
            spot = (RECORDS.name, number)
            self.broker.committed[spot] = (
                0 if whole else self.chance.randrange(self.broker.committed[spot] + 1)
            )

    def _previewed(self, number: int) -> list[Weighed]:
        weighing = Weighing(self.broker.table((ID_MAP.changelog, number)))
        for command in self._derived(number, self.broker.table((LEDGER.changelog, number))):
            weighing.add(command)
        return [row for row in weighing.rows() if row.sort is not Sort.WAITS]

    def _proved(self, number: int) -> list[Alarm]:
        proof = Proof(Rules.of(self.settings[ACME]).version)
        for command in self._derived(number, {}):
            proof.derived(command)
        proof.hold_against_delivered(self.broker.table((ID_MAP.changelog, number)))
        sent = [decode(Command, value) for _, value, _ in self.broker.logs[COMMANDS.name, number]]
        alarms = [alarm for command in sent for alarm in proof.hold_against_sent(command)]
        return [*alarms, *proof.left()]

    def _derived(self, number: int, ledger: dict[bytes, bytes]) -> list[Command]:
        derived = Rederived(Scope.of(ACME, self.only if ledger else ""), ledger, self.settings)
        log = self.broker.logs[RECORDS.name, number]
        return [command for key, value, _ in log for command in derived.take(key, value)]
