"""An org that refuses some rows for good, and a person who has them tried again, edits or discards them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.deadletters.discard import waived
from app.deadletters.edit import BY_HAND, edited
from app.deadletters.retry import Again
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry
from streams.domain.command import Command, SObject
from streams.domain.deadletter import DeadLetter
from streams.loop.envelope import headers
from streams.ports import Answer, Rejected
from streams.steps.id_map import row_key
from streams.steps.parked import Parked
from streams.topics import AUDIT, COMMANDS, DEADLETTERS, PARKED
from tests.builders.letters import told
from tests.builders.shown import shown
from tests.model import ONE_MORNING, expected
from tests.simulation.scene import NOT_SO, Scene
from tests.simulation.worker import Faults, Worker

NAMES = {SObject.CONTACT: "LastName"}
"""The field that an edit changes; of all else its name."""
OFTEN = 5
"""Of sixteen contents so many are refused: a later state of a row may be well."""


Act = Callable[[DeadLetter, Command], Command]


@dataclass
class Refusing(Scene):
    """A scene whose org refuses what certain contents say, until it is mended."""

    refuses: bool = True
    discarded: dict[str, int] = field(default_factory=dict)
    """By row: the newest version of it that a person discarded, or sent with other values."""
    _seen_to: set[str] = field(default_factory=set)
    _last: dict[str, bool] = field(default_factory=dict)
    """By row: whether the org's last answer was a refusal."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.org.judge = self._judge

    async def play(self) -> None:
        """Let it all happen, with a person who sees to what failed; mend the org; let all change again."""
        changes = asyncio.create_task(self._change())
        for _ in range(self.chance.randrange(self.crashes + 1)):
            await self._work_until_it_ends_badly()
            self._see_to(0.4)
        worker = self._sound_worker()
        await changes
        worker = await self._quiet(worker)
        for _ in range(self.chance.randrange(3)):
            await worker.crash()
            self._see_to(0.5)
            await self._work_until_it_ends_badly()
            worker = await self._quiet(self._sound_worker())
        self.refuses = False
        while self._see_to(1.0):
            worker = await self._quiet(worker)
        self.wrong += self._stuck()
        self._change_all()
        worker = await self._quiet(worker)
        self.wrong += [
            f"a message was buried of an org that takes all: {it.reason}" for it in self._letters()
        ]
        self.wrong += [f"{name} still waits" for name in self._waiting()]
        await worker.crash()

    def sent(self) -> Sequence[Command]:
        """Leave out what was refused: tried again, an older state may pass when a newer one did not."""
        return self.org.applied

    def _judge(self, command: Command) -> Answer | None:
        """Refuse a row for what it says; see that none is written behind one that failed."""
        for name in self._failed(command):
            self.wrong.append(f"{command.row} {command.version} was written behind the failed {name}")
        refused = self.refuses and command.mapping != BY_HAND and int(command.content[0], 16) < OFTEN
        self._last[command.row] = refused
        return Rejected(NOT_SO, "the org refuses what it says", "mend the org") if refused else None

    def _failed(self, command: Command) -> Iterator[str]:
        """Yield the rows of the command's client that have failed, unless it is a new try of one of them.

        The worker that asks says so: what Kafka has is older, and may name a row that waits for its Account
        by now, read again. What the org took since is seen to: a worker may die before its table says so.
        """
        failed = {row for table in self._remembered() for row in table.failed(command.key)}
        if row_key(command.row) not in failed:
            yield from (name for name, refused in self._last.items() if refused and row_key(name) in failed)

    def _newest(self, row: str) -> int:
        """Return the newest version of a row that the log has: it may wait for its Account by now."""
        return max(it.version for it in self.values(COMMANDS, Command) if it.row == row)

    def _worker(self, faults: Faults) -> Worker:
        self._works = Scene._worker(self, faults)
        return self._works

    def _remembered(self) -> list[Parked]:
        """Return what waits and what failed, as the worker has it that works now."""
        return [Parked(self._works.table(PARKED, partition)) for partition in range(self.partitions)]

    def _tables(self) -> list[Parked]:
        spots = [(PARKED.changelog, partition) for partition in range(self.partitions)]
        return [Parked(self.broker.table(spot)) for spot in spots]

    def _letters(self) -> list[DeadLetter]:
        """Return what a person knows of and has not seen to: what the audit tells of."""
        told = {each for it in self.values(AUDIT, AuditEntry) for each in it.caused}
        letters = self.values(DEADLETTERS, DeadLetter)
        return [it for it in letters if it.id in told and it.id not in self._seen_to]

    def _see_to(self, share: float) -> bool:
        """Let a person do something about some of what failed; tell whether there was any."""
        letters = [it for it in self._letters() if self.chance.happens(share)]
        for letter in letters:
            self._seen_to.add(letter.id)
            command = decode(Command, letter.original)
            acts: list[Act] = [self._retry, self._retry, self._discard]
            if _name_of(command) in command.fields:
                acts.append(self._edit)
            act = self.chance.choice(acts)
            back = act(letter, command)
            if act != self._retry:
                self.discarded[command.row] = max(command.version, self.discarded.get(command.row, 0))
            spot = letter.place.topic, letter.place.partition
            self.broker.append(spot, [(letter.original_key, encode(back), headers(back))])
        return bool(letters)

    def _retry(self, letter: DeadLetter, _: Command) -> Command:
        back = Again(told(letter), letter).demanded(self._now())
        assert isinstance(back, Command)
        return back

    def _edit(self, letter: DeadLetter, command: Command) -> Command:
        changes = {_name_of(command): "By Hand"}
        back = edited(Again(told(letter), letter), changes, self._now()).demanded(self._now())
        assert isinstance(back, Command)
        return back

    def _discard(self, letter: DeadLetter, _: Command) -> Command:
        back = waived(letter)
        assert back is not None
        return back

    def _stuck(self) -> Iterator[str]:
        """Yield the rows that are not as the books have them, though nobody meant that."""
        meant = {row for row, version in self.discarded.items() if self._newest(row) <= version}
        if any(f":{SObject.ACCOUNT.value}:" in row for row in meant):
            return  # without its Account nothing of a client can be; nor an Order without its Opportunity
        if not any(f":{SObject.OPPORTUNITY.value}:" in row for row in meant):
            yield from (f"{name} waits for nothing" for name in self._waiting())
        found = {(sobject.value, id_): shown(row) for (_, sobject, id_), row in self.org.rows.items()}
        for (sobject, external_id), row in expected(self.keeper.objects.values(), ONE_MORNING).items():
            wanted = {name: value for name, value in row.items() if value is not None}
            its, excused = found.get((sobject, external_id)), f":{sobject}:{external_id}"
            if its != wanted and not any(it.endswith(excused) for it in meant):
                yield f"{sobject} {external_id} should be {wanted}, is {its}"

    def _waiting(self) -> Iterator[str]:
        for table in self._tables():
            yield from (key.decode(errors="replace") for key in table.state)


def _name_of(command: Command) -> str:
    return NAMES.get(command.sobject, "Name")
