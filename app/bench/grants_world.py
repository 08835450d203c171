"""Kafka and FreshBooks as a renewal sees them: models in which anybody may die, freeze or hear nothing.

Every line that lets time pass is a beat: a process may be killed or frozen there. What a dead process was
about to do never happens; what it had sent stands.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.grant import RefreshAsked, Sealed, Side
from streams.domain.identity import ConnectionName
from streams.domain.succession import Succession
from streams.ports_grants import Changed, Kept, Renewal

NAME: Final = ConnectionName("bench")
KEY: Final = "bench:freshbooks"
MOMENT: Final = datetime(2026, 11, 28, tzinfo=UTC)
LEASE: Final = 8.0
"""Seconds of a freeze after which a worker ends itself before it writes or calls (app.worker.watch)."""
SESSION: Final = 10.0
FREEZES: Final = (1.0, 5.0, 40.0, 60.0)
"""Seconds that a freeze may last: some end while another keeper waits for us, some after it has renewed."""
NEEDS_CONSENT: Final = b"needs consent"


@dataclass(slots=True)
class Process:
    """A keeper's process, as fate sees it."""

    number: int
    world: "World"
    dead: bool = False
    looked: float = 0.0
    thaws: float = 0.0

    async def beat(self, longest: float = 0.05) -> None:
        """Let time pass in the middle of the work: here it may die, or stand still as a whole."""
        world = self.world
        await asyncio.sleep(world.chance.uniform(0.0, longest))
        if world.chance.random() < world.kill and not self.dead:
            self.dead = True
            world.kills += 1
        elif world.chance.random() < world.freeze:
            self.thaws = world.now() + world.chance.choice(FREEZES)
        await self.rest(0.0)

    @property
    def missed(self) -> bool:
        """Tell whether Kafka has missed its heartbeats and gives its partition to another."""
        return self.thaws - self.world.now() > SESSION

    async def rest(self, seconds: float) -> None:
        """Let time pass with nothing to do; what is dead never goes on."""
        await asyncio.sleep(seconds)
        while (frozen := self.thaws - self.world.now()) > 0:  # noqa: ASYNC110 - a freeze rings no bell
            await asyncio.sleep(frozen)
        if self.dead:
            grave: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.world.graves.append(grave)  # or the collector would find whoever waits there
            await grave
        if self.world.now() - self.looked <= LEASE:
            self.looked = self.world.now()

    def fence(self) -> None:
        """End a process that was frozen for longer than its lease."""
        if self.world.now() - self.looked > LEASE:
            self.dead = True
            self.world.fenced += 1
            raise asyncio.CancelledError


@dataclass(slots=True)
class Trade:
    """A refresh token that FreshBooks took."""

    token: bytes
    pair: bytes
    by: Process
    lost: bool = False
    """The answer got lost on its way."""

    @property
    def excused(self) -> bool:
        """Tell whether nobody could write the pair down."""
        return self.lost or self.by.dead


@dataclass(slots=True)
class World:
    """One installation with one grant."""

    chance: Random
    forgiving: bool
    """FreshBooks takes the old refresh token until the new pair is used; else it works once."""
    kill: float = 0.0
    freeze: float = 0.0
    lose: float = 0.0
    """Probabilities at each beat, and of an answer."""
    log: list[Sealed] = field(default_factory=list)
    succession: Succession = field(default_factory=Succession)
    head: Sealed | None = None
    requests: list[RefreshAsked] = field(default_factory=list)
    committed: int = 0
    audit: dict[str, AuditEntry] = field(default_factory=dict)
    live: set[bytes] = field(default_factory=set)
    """Refresh tokens that FreshBooks would take."""
    trades: list["Trade"] = field(default_factory=list)
    refused_live: int = 0
    """Marks of needed consent although FreshBooks would have taken the token."""
    graves: list["asyncio.Future[None]"] = field(default_factory=list)
    kills: int = 0
    fenced: int = 0
    given: int = 0

    def now(self) -> float:
        """Return the time of the running loop."""
        return asyncio.get_running_loop().time()

    def fresh(self) -> bytes:
        """Return a refresh token that was never there."""
        self.given += 1
        return f"token {self.given}".encode()

    def append(self, sealed: Sealed) -> None:
        """Put a record into the log; every reader judges it alike."""
        self.log.append(sealed)
        if self.succession.counts(KEY, sealed):
            self.head = sealed

    def seal(self, token: bytes, generation: int) -> Sealed:
        """Return a record that holds `token`; no cipher, the model has nobody to hide from."""
        return Sealed(
            connection=NAME,
            side=Side.FRESHBOOKS,
            generation=generation,
            key_id="model",
            nonce=self.chance.randbytes(12),
            ciphertext=token,
            written_at=MOMENT,
        )

    async def consent(self) -> None:
        """Connect as a person does: a new family of tokens, written behind whatever stands."""
        token = self.fresh()
        self.live.add(token)
        while True:
            await asyncio.sleep(self.chance.uniform(0, 0.05))
            head = self.head
            sealed = self.seal(token, 1 if head is None else head.generation + 1)
            follows = "" if head is None else head.mark
            sealed = sealed.model_copy(update={"follows": follows})
            await asyncio.sleep(self.chance.uniform(0, 0.05))
            self.append(sealed)
            if self.head == sealed:
                return

    async def rotate(self) -> None:
        """Seal what stands with another key, as `keys rotate` does."""
        head = self.head
        assert head is not None
        await asyncio.sleep(self.chance.uniform(0, 0.1))
        again = {"nonce": self.chance.randbytes(12), "follows": head.mark}
        self.append(head.model_copy(update=again))


@dataclass(frozen=True, slots=True)
class Topic:
    """The grants topic for one process."""

    process: Process

    async def newest(self, *_: object) -> Sealed | None:
        """Return what stands."""
        await self.process.beat()
        return self.process.world.head

    async def put(self, sealed: Sealed) -> bool:
        """Write, and tell whether it is the newest that counts."""
        world = self.process.world
        await self.process.beat()  # in the producer
        world.append(self.reaching(sealed))
        await self.process.beat()  # written, not acknowledged
        newest = world.head == sealed
        await self.process.beat()  # acknowledged and read again
        return newest

    def reaching(self, sealed: Sealed) -> Sealed:
        """Return the record as it reaches the log, however long it was under way."""
        return sealed


@dataclass(frozen=True, slots=True)
class Issuer:
    """FreshBooks for one process."""

    process: Process

    def spends(self, current: Sealed) -> str | Kept:
        """Name the token."""
        if current.ciphertext == NEEDS_CONSENT:
            return Kept(Verdict.NEEDS_CONSENT, "the grant waits for its owner's consent", trouble=True)
        return current.ciphertext.decode()

    async def confirm(self, *_: object) -> Renewal:
        """Confirm nothing: there are no callbacks here."""
        raise NotImplementedError

    def fence(self) -> None:
        """End a process that was frozen for too long: its grant may be another's by now."""
        self.process.fence()

    async def refresh(self, current: Sealed) -> Renewal:
        """Trade a token; the request or the answer may get lost, and more than once."""
        process, world, token = self.process, self.process.world, current.ciphertext
        for _ in range(4):
            await process.beat()  # before the call
            self.fence()
            lost = world.chance.random() < world.lose
            if lost and world.chance.random() < 0.5:  # noqa: PLR2004 - half of them on the way there
                await process.beat(1.0)
                continue
            pair = self._traded(token, lost=lost)
            await process.beat(0.5)  # the answer is on its way
            if not lost:
                return await self._heard(current, pair)
        return Kept(Verdict.IGNORED, "not renewed, to be asked again", trouble=True)

    def _traded(self, token: bytes, *, lost: bool) -> bytes | None:
        world = self.process.world
        if token not in world.live:
            return None
        for other in world.trades:
            if other.pair == token:
                world.live.discard(other.token)  # its pair is used now
            if other.token == token:
                world.live.discard(other.pair)  # a pair that nobody used
        if not world.forgiving:
            world.live.discard(token)
        trade = Trade(token, world.fresh(), self.process, lost)
        world.live.add(trade.pair)
        world.trades.append(trade)
        return trade.pair

    async def _heard(self, current: Sealed, pair: bytes | None) -> Renewal:
        world, generation = self.process.world, current.generation + 1
        await self.process.beat()  # the answer is here
        if pair is None:
            world.refused_live += current.ciphertext in world.live
            return Changed(world.seal(NEEDS_CONSENT, generation), Verdict.NEEDS_CONSENT, "refused")
        return Changed(world.seal(pair, generation), Verdict.REFRESHED, "new tokens")
