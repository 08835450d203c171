"""Whatever comes in whatever order, and whatever Salesforce does meanwhile: the newest row stands."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.lanes.pace import Pace
from app.salesforce.wire.wire import API, Reply, Request
from streams.domain.command import Command, SObject
from streams.domain.errors import Unreachable
from streams.ports import Answer, Applied, HeldBack, ParentMissing, Rejected, Replaced
from tests.builders.lanes import lanes_to
from tests.builders.salesforce import KEYS, a_failed_row, a_reply, an_account, an_error, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

POISON = "never!"


@dataclass
class Moody:
    """A judge that refuses by chance what may pass later, and always what holds poison."""

    chance: Random
    trouble: float
    injected: Counter[str] = field(default_factory=Counter)
    out: Counter[str] = field(default_factory=Counter)
    """Calls on the wire, by client whose rows they carry."""

    def __call__(self, _: str, records: list[dict[str, Any]]) -> Reply | list[Any] | None:
        if self._trouble("whole"):
            return self.chance.choice(
                [
                    a_reply(503, page="<html>down</html>"),
                    a_reply(200, [{"success": True}]),
                    a_reply(400, an_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
                    a_reply(403, an_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")),
                ]
            )
        return [self._row(record) for record in records]

    def _row(self, record: dict[str, Any]) -> dict[str, Any] | None:
        if record["Name"] == POISON:
            return a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not this one.")
        return a_failed_row("UNABLE_TO_LOCK_ROW", "locked") if self._trouble("row") else None

    def _trouble(self, what: str) -> bool:
        happens = self.chance.random() < self.trouble
        self.injected[what] += happens
        return happens

    async def lose(self, request: Request, wire: FakeWire) -> Reply:
        """Pass a request on; by chance, lose its answer after it took effect."""
        clients = clients_of(request)
        self.out.update(clients)
        assert max(self.out.values(), default=0) <= 1, "a client in two lanes at a time"
        await asyncio.sleep(self.chance.random() * 0.3)
        self.out.subtract(clients)
        reply = await wire(request)
        if "/composite/" in request.url and self._trouble("whole"):
            raise Unreachable(API, "reset")
        return reply


def clients_of(request: Request) -> set[str]:
    """Return the clients whose rows a request carries."""
    if "/composite/" not in request.url:
        return set()
    records = orjson.loads(request.body or b"")["records"]
    parents = (record.get("Account", record) for record in records)
    return {parent[KEYS[SObject.ACCOUNT]] for parent in parents}


@dataclass(frozen=True)
class Move:
    """One state of one row, and the time until the next comes."""

    client: int
    invoice: int | None
    poison: bool
    gap: float


HELD_BACK_AFTER_A_LOST_ANSWER = [
    Move(1, None, poison=False, gap=0.0),
    Move(2, None, poison=False, gap=0.0),
    Move(3, None, poison=False, gap=0.5),
    Move(1, 0, poison=True, gap=0.5),
    Move(2, 0, poison=False, gap=0.0),
    Move(1, None, poison=False, gap=0.0),
]

moves = st.lists(
    st.builds(
        Move,
        client=st.integers(1, 6),
        invoice=st.none() | st.integers(0, 3),
        poison=st.sampled_from([False] * 9 + [True]),
        gap=st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.06, 0.5]),
    ),
    min_size=1,
    max_size=60,
)


def command_of(move: Move, version: int) -> Command:
    name = POISON if move.poison else f"state {version}"
    if move.invoice is None:
        return an_account(move.client, name, version=version)
    made = an_opportunity(move.client * 10 + move.invoice, move.client, version=version)
    return made.model_copy(update={"fields": made.fields | {"Name": name}})


async def play(lanes: Lanes, script: list[Move]) -> list[tuple[Command, Answer]]:
    commands, answers = [], []
    for version, move in enumerate(script, 1):
        commands.append(command_of(move, version))
        answers.append(asyncio.ensure_future(lanes.write(commands[-1])))
        if move.gap:
            await asyncio.sleep(move.gap)
    return list(zip(commands, await asyncio.gather(*answers), strict=True))


def may_hold(told: list[tuple[Command, Answer]]) -> dict[tuple[str, str], set[str | None]]:
    """Return the names that each row may hold: that of the newest state that Salesforce took.

    A state that was replaced, or held back behind a refused row, after its answer was lost may have taken
    effect too; it counts only where what replaced it was refused, or while it waits.
    """
    held: dict[tuple[str, str], set[str | None]] = {}
    for command, answer in told:
        row = (command.sobject.value, command.external_id)
        name = str(command.fields["Name"])
        match answer:
            case Applied():
                held[row] = {name}
            case Replaced() | HeldBack():
                held.setdefault(row, {None}).add(name)
            case Rejected() | ParentMissing():
                held.setdefault(row, {None})
    return held


@settings(max_examples=150, deadline=None)
@example(HELD_BACK_AFTER_A_LOST_ANSWER, 63, 0.3, 1, 200)
@given(
    moves,
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.05, 0.3]),
    st.sampled_from([1, 3]),
    st.sampled_from([2, 200]),
)
def test_each_write_is_answered_once_and_the_newest_row_stands(
    script: list[Move], seed: int, trouble: float, lanes_per_org: int, size: int
) -> None:
    moody = Moody(Random(seed), trouble)
    wire = FakeWire(judge=moody)
    lanes = lanes_to(
        lambda request: moody.lose(request, wire), lanes_per_org=lanes_per_org, pace=Pace(size=size)
    )

    told = simulate(play(lanes, script))

    for row, names in may_hold(told).items():
        assert wire.rows.get(row, {}).get("Name") in names
    _check_ends(told)
    _check_replaced(told)


def _check_ends(told: list[tuple[Command, Answer]]) -> None:
    """The newest state of a row is never called replaced, and only poison is refused."""
    newest = {(command.sobject, command.external_id): answer for command, answer in told}
    assert not any(isinstance(answer, Replaced) for answer in newest.values())
    for command, answer in told:
        if isinstance(answer, Rejected):
            assert command.fields["Name"] == POISON
        if isinstance(answer, ParentMissing):
            assert command.sobject is SObject.OPPORTUNITY


def _check_replaced(told: list[tuple[Command, Answer]]) -> None:
    """What is called replaced was replaced by a newer state of the same row."""
    by_id = {command.id: command for command, _ in told}
    for command, answer in told:
        if isinstance(answer, Replaced):
            newer = by_id[answer.by]  # type: ignore[index]
            assert newer.row == command.row
            assert newer.version > command.version


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 900), st.integers(0, 3), st.integers(0, 2**32))
def test_without_trouble_calls_are_as_few_as_they_can_be(clients: int, invoices: int, seed: int) -> None:
    wire = FakeWire()
    commands = [an_account(c) for c in range(1, clients + 1)]
    commands += [an_opportunity(c * 10 + i, c) for c in range(1, clients + 1) for i in range(invoices)]
    repeats = Random(seed).sample(commands, len(commands) // 3)

    async def story() -> None:
        lanes = lanes_to(wire)
        await asyncio.gather(*(lanes.write(command) for command in [*commands, *repeats]))

    simulate(story())

    rows = Counter(command.sobject for command in commands)
    assert len(wire.upserts) == sum(-(-count // 200) for count in rows.values())
    assert sum(len(records) for _, records in wire.upserts) == len(commands)
    assert KEYS[SObject.ACCOUNT] in wire.upserts[0][1][0]


def test_parents_are_never_missing_when_they_came_first() -> None:
    moody = Moody(Random(4), 0.4)
    wire = FakeWire(judge=moody)

    async def story() -> list[Answer]:
        lanes = lanes_to(lambda request: moody.lose(request, wire))
        rows = [row for c in range(1, 301) for row in (an_account(c), an_opportunity(c * 10, c))]
        return await asyncio.gather(*(lanes.write(row) for row in rows))

    answers = simulate(story())

    assert moody.injected["row"] > 100
    assert [answer for answer in answers if not isinstance(answer, Applied)] == []
