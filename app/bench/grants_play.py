"""Schedules of a grant's life: keepers that die, freeze and overlap, a person, a rotation; the verdict."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, Final

from app.bench.grants_world import NAME, NEEDS_CONSENT, Issuer, Process, Topic, World
from app.bench.virtual_time import simulate
from app.vault.tokens import refresh_asked
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.grant import RefreshAsked, Sealed
from streams.domain.succession import Succession
from streams.steps.keep_grants import KeepGrants

RENEWALS: Final = 6
"""Renewals that the events of one schedule need, one after the other."""
PATIENCE: Final = 2 * 3600.0
"""Virtual seconds until all of them must have come, and calm until the last."""
STORM: Final = 60.0
"""Virtual seconds in which things go wrong, and as many for each rest between two renewals."""

Open = list[tuple[RefreshAsked, "asyncio.Task[Any]"]]
MakeKeeper = Callable[[Process], KeepGrants]


def keeper(process: Process) -> KeepGrants:
    """Return the keeper that is tested: the worker's own."""
    topic, issuer = Topic(process), Issuer(process)
    return KeepGrants(grants=topic, issuer=issuer, owner=f"keeper {process.number}", fence=process.fence)


@dataclass(slots=True)
class Play:
    """One schedule; all its chances come from the seed."""

    seed: int
    make: MakeKeeper = keeper
    world: World = field(init=False)
    consents: int = 0
    rests: tuple[float, ...] = field(init=False)
    """Seconds between two renewals: a zombie may wake up when nobody is at work any more."""
    undisturbed: float = field(init=False)
    """Seconds at most until a key is rotated again: whoever waits for another's start begins anew by that."""
    _processes: int = 0
    _tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        chance = Random(self.seed)  # noqa: S311 - a schedule, no secret
        self.world = World(
            chance,
            forgiving=self.seed % 2 == 0,
            kill=chance.choice((0.0, 0.05, 0.1, 0.2)),
            freeze=chance.choice((0.0, 0.03, 0.08)),
            lose=chance.choice((0.0, 0.1, 0.3)),
        )
        self.undisturbed = chance.choice((15.0, 2 * STORM))
        longest = chance.choice((0.0, STORM))
        self.rests = tuple(chance.uniform(0.0, longest) for _ in range(RENEWALS))

    async def run(self) -> None:
        """Play until every event had its token, in bounded time."""
        world = self.world
        await world.consent()
        kept = [self._start(self._kept(overlap=at)) for at in range(1 + (world.chance.random() < 0.6))]  # noqa: PLR2004
        kept.append(self._start(self._trouble()))
        storm = STORM + sum(self.rests)
        calm = asyncio.get_running_loop().call_later(storm, self._calm)
        try:
            async with asyncio.timeout(PATIENCE):
                for rest in self.rests:
                    await self._renewed()
                    await asyncio.sleep(rest)
                await asyncio.sleep(max(0.0, storm - world.now()))
                await self._renewed()
        finally:
            calm.cancel()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _calm(self) -> None:
        self.world.kill = self.world.freeze = self.world.lose = 0.0

    async def _renewed(self) -> None:
        """Wait as an event does that needs a newer token, asking again and again; a person consents late."""
        world = self.world
        assert world.head is not None
        before, attempt = world.head.generation, 0
        while world.head.generation <= before or world.head.ciphertext == NEEDS_CONSENT:
            if world.head.ciphertext == NEEDS_CONSENT:
                self.consents += 1
                await asyncio.sleep(world.chance.uniform(1, 600))
                await world.consent()
                continue
            attempt += 1
            world.requests.append(refresh_asked(NAME, world.head.generation, attempt))
            head, until = world.head, world.now() + 20
            while world.head.generation == head.generation and world.now() < until:  # noqa: ASYNC110 - no bell
                await asyncio.sleep(0.2)

    async def _kept(self, overlap: int) -> None:
        """Keep a keeper running, as the supervisor does; a second one overlaps now and then."""
        world = self.world
        while True:
            if overlap:
                await asyncio.sleep(world.chance.uniform(1, 15))
            self._processes += 1
            process = Process(self._processes, world, looked=world.now())
            work = self._start(self._work(process, self.make(process)))
            end = world.now() + (5.0 if overlap else PATIENCE)
            while not (process.dead or process.missed) and world.now() < end:  # noqa: ASYNC110 - no bell
                await asyncio.sleep(0.25)
            if not process.missed:  # else it wakes up as a zombie and goes on where it was
                work.cancel()
            await asyncio.sleep(world.chance.uniform(0.2, 3.0))

    async def _work(self, process: Process, step: KeepGrants) -> None:
        """Read requests from the commit on, several at a time; say and commit in order, as the loop does."""
        open_: Open = []
        try:
            await self._loop(process, step, open_)
        finally:
            for _, task in open_:
                task.cancel()  # what is under way is shielded

    async def _loop(self, process: Process, step: KeepGrants, open_: Open) -> None:
        world, at = self.world, self.world.committed
        while True:
            await process.rest(0.05 if open_ else 0.3)
            for request in world.requests[at:]:
                open_.append((request, self._start(step.ask(request))))
                at += 1
            while open_ and open_[0][1].done():
                request, task = open_.pop(0)
                said = [*step(request, task.result())]
                await process.beat()
                for value in said:
                    if isinstance(value, AuditEntry):
                        world.audit[value.id] = value
                    elif isinstance(value, RefreshAsked):
                        world.requests.append(value)
                await process.beat()
                world.committed = max(world.committed, at - len(open_))

    async def _trouble(self) -> None:
        """Rotate keys, and now and then connect anew although nobody had to."""
        world = self.world
        while True:
            await asyncio.sleep(world.chance.uniform(1, self.undisturbed))
            if world.chance.random() < 0.05:  # noqa: PLR2004 - rare
                await world.consent()
            else:
                await world.rotate()

    def _start(self, work: Any) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda it: it.cancelled() or it.exception())
        return task


@dataclass(frozen=True, slots=True)
class Played:
    """What one schedule came to."""

    seed: int
    kills: int
    consents: int
    wrong: tuple[str, ...]


def play(seed: int, make: MakeKeeper = keeper) -> Played:
    """Play one schedule to its end and judge it."""
    scene = Play(seed, make)
    try:
        simulate(scene.run())
    except (AssertionError, TimeoutError) as error:
        return Played(seed, scene.world.kills, scene.consents, (f"{type(error).__name__}: {error}",))
    return Played(seed, scene.world.kills, scene.consents, tuple(broken(scene)))


def broken(scene: Play) -> Iterator[str]:
    """Yield what a schedule broke."""
    world = scene.world
    head = world.head
    assert head is not None
    if head.ciphertext not in world.live:
        yield "the grant says that it can be used, and FreshBooks does not take its token"
    if world.refused_live:
        yield "a grant needs consent although FreshBooks would take its token"
    if world.forgiving and scene.consents:
        yield "a grant was lost where FreshBooks forgives"
    heads = _heads(world)
    for before, sealed in pairwise(heads):
        if sealed.ciphertext == NEEDS_CONSENT != before.ciphertext:
            trades = [it for it in world.trades if it.token == before.ciphertext]
            if not any(it.excused for it in trades):
                yield "a grant was lost although nobody died and no answer was lost"
        elif before.verdict is Verdict.REFRESHED and before.generation < sealed.generation and sealed.cause:
            said = (it.details.get("generation") for it in world.audit.values())
            if before.generation not in said:
                yield f"the audit does not know of generation {before.generation}"


def _heads(world: World) -> list[Sealed]:
    """Return the records that counted, in their order."""
    found = Succession()
    return [it for it in world.log if found.counts(it.key, it)]
