"""Keepers of grants in processes of their own, killed by the operating system while they renew."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any, Final

from pydantic import SecretStr

from app.bench.grants_keeper import Lane, main
from app.bench.installation import SHARED_KEY
from app.freshbooks.oauth import SCOPES
from app.kafka.client import client_options
from app.kafka.embedded import single
from app.kafka.inventory import administering, await_coordinator
from app.kafka.topics import create
from app.registry import Registry, open_registry
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from app.settings import Settings
from app.vault.access import Held
from app.vault.grants import FreshBooksGrant, Status
from app.vault.keys import add
from app.vault.tokens import refresh_asked
from streams.domain.connection import Connection
from streams.domain.grant import Sealed, Side
from streams.domain.identity import AccountId, ConnectionName
from streams.topics import APP

REDIRECT: Final = "https://freshforce.example/oauth/freshbooks/callback"
EACH: Final = 4
"""Grants of one keeper."""
AGAIN: Final = 10
"""Kills until everybody asks again: FreshBooks may have answered none of a request's tries."""
TOKENS: Final = "/auth/oauth/token"
_CONTEXT: Final = get_context("forkserver")


@dataclass(slots=True)
class Kills:
    """What came of the killing so far."""

    kills: int = 0
    midway: int = 0
    """Kills that left a renewal begun and not ended."""
    renewals: int = 0
    lost_for_good: int = 0
    """Grants that need consent, and whose last token FreshBooks takes no more."""
    lost: list[str] = field(default_factory=list)
    """Grants that need consent, or show a token that is dead, although FreshBooks allowed a recovery."""
    stuck: list[str] = field(default_factory=list)


@dataclass(slots=True)
class House:
    """One installation: Kafka, FreshBooks, and grants in lanes."""

    registry: Registry
    sandbox: RunningFreshBooks
    lanes: Sequence[Lane]
    chance: Random
    told: Kills = field(default_factory=Kills)
    _attempt: int = 0
    _asked: dict[ConnectionName, int] = field(default_factory=dict)
    """The generation that was asked about last: the next keeper reads that request again."""

    def held(self, name: ConnectionName) -> Held[FreshBooksGrant]:
        """Return what stands."""
        found = self.registry.grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)
        assert found is not None
        return found

    def sealed(self, name: ConnectionName) -> Sealed:
        """Return the record that counts."""
        found = self.registry.grants.sealed(name, Side.FRESHBOOKS)
        assert found is not None
        return found

    def started(self, name: ConnectionName) -> bool:
        """Tell whether a keeper has said that it trades the token."""
        return bool(self.sealed(name).started)

    def same_grants(self, lane: Lane) -> Lane:
        """Return a lane with the same grants for another keeper: it reads every request, too."""
        return replace(lane, group=f"{lane.group}-too")

    async def until_renewed(self, name: ConnectionName, before: int, patience: float = 30.0) -> None:
        """Wait for a newer generation than `before`."""
        async with asyncio.timeout(patience):
            while not self._renewed(name, before):
                await self.registry.grants.change()

    async def connect(self, name: ConnectionName) -> None:
        """Consent as the owner does, and write the new family of tokens down."""
        tokens = self.sandbox.freshbooks.tokens
        pair = tokens.for_code(tokens.consent(REDIRECT, SCOPES), REDIRECT)
        grant = FreshBooksGrant(
            client_id=self.sandbox.client_id,
            client_secret=SecretStr(self.sandbox.client_secret),
            redirect_uri=REDIRECT,
            access_token=SecretStr(pair["access_token"]),
            refresh_token=SecretStr(pair["refresh_token"]),
            expires_at=datetime.fromtimestamp(pair["created_at"] + pair["expires_in"], UTC),
        )
        account = AccountId(self.sandbox.account_id)
        connection = Connection(name=name, freshbooks_api_url=self.sandbox.url, freshbooks_account_id=account)
        await self.registry.write(connection)
        await self.registry.replace(connection, grant, Side.FRESHBOOKS, "bench")

    async def ask(self, names: Sequence[ConnectionName]) -> None:
        """Ask for newer tokens, as everybody does who needs one."""
        self._attempt += 1
        self._asked |= {name: self.held(name).generation for name in names}
        asks = [refresh_asked(name, self.held(name).generation, self._attempt) for name in names]
        await self.registry.write(*asks)

    async def mend(self, names: Sequence[ConnectionName]) -> None:
        """Judge what needs consent, and let its owner consent."""
        for name in names:
            grant = self.held(name).grant
            if grant.status is Status.NEEDS_CONSENT:
                takes = self.sandbox.freshbooks.tokens.takes(grant.refresh_token.get_secret_value())
                self.told.lost += [f"{name}: FreshBooks would take its token"] if takes else []
                self.told.lost_for_good += not takes
                await self.connect(name)

    async def strike(self, lane: Lane) -> None:
        """Let a keeper work, mostly until it has begun a renewal, and a moment longer; then kill it."""
        before = self.begun(lane)
        async with keeping(lane) as keeper:
            await self.ask(
                [name for name in lane.names if self._asked.get(name) != self.held(name).generation]
            )
            if self.chance.random() < 0.8:  # noqa: PLR2004 - the others die anywhere
                await self._until_begun(lane, before)
                await asyncio.sleep(self.chance.uniform(0.0, 0.2))
            else:
                await asyncio.sleep(self.chance.uniform(0.0, 2.5))
            keeper.kill()
        self.told.kills += 1
        await self.registry.grants.view.caught_up()
        self.told.midway += bool(self.begun(lane) - before)
        await self.mend(lane.names)
        if self.told.kills % AGAIN == 0:
            self._asked.clear()

    def begun(self, lane: Lane) -> set[str]:
        """Name the renewals that are begun and not ended, those of dead keepers too."""
        return {self.sealed(name).mark for name in lane.names if self.started(name)}

    async def _until_begun(self, lane: Lane, before: set[str], patience: float = 10.0) -> None:
        """Wait until a keeper has said that it trades a token in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not self.begun(lane) - before:
                    await self.registry.grants.change()

    async def heal(self, lane: Lane, patience: float = 60.0) -> None:
        """Let a keeper work in peace: every grant must come by a newer token, and FreshBooks must take it."""
        before = {name: self.held(name).generation for name in lane.names}
        async with keeping(lane):
            until = asyncio.get_running_loop().time() + patience
            while left := [name for name in lane.names if not self._renewed(name, before[name])]:
                if asyncio.get_running_loop().time() > until:
                    self.told.stuck += left
                    return
                await self.mend(left)
                await self.ask(left)
                await self.registry.grants.change(2.0)
        for name in lane.names:
            token = self.held(name).grant.access_token.get_secret_value()
            alive = self.sandbox.freshbooks.tokens.scopes_of(token)
            self.told.lost += [] if alive else [f"{name}: its token is dead"]

    def _renewed(self, name: ConnectionName, before: int) -> bool:
        held = self.held(name)
        return held.generation > before and held.grant.status is Status.OK


async def kills(home: Path, most: int, seed: int, say: Callable[[str], None], lanes: int = 3) -> Kills:
    """Kill keepers `most` times, half of them where FreshBooks forgives; heal, and judge."""
    async with housed(home, seed, lanes) as house:
        for forgives in (True, False):
            await house.sandbox.control.switches(refresh_forgives=forgives)
            await house.sandbox.control.faults(_trouble(seed))
            each = -(-most // (2 * lanes))
            await asyncio.gather(*(_struck(house, lane, each, say) for lane in house.lanes))
            await house.sandbox.control.faults(Faults())
            await asyncio.gather(*(house.heal(lane) for lane in house.lanes))
            if forgives and house.told.lost_for_good:
                house.told.lost.append("a grant needs consent where FreshBooks forgives")
        house.told.renewals = sum(house.held(name).generation - 1 for it in house.lanes for name in it.names)
        return house.told


async def _struck(house: House, lane: Lane, most: int, say: Callable[[str], None]) -> None:
    for _ in range(most):
        await house.strike(lane)
        told = house.told
        say(f"{told.kills} real kills, {told.midway} midway, {told.lost_for_good} grants need consent")


def _trouble(seed: int) -> Faults:
    slow = Rule(kind=FaultKind.DELAY, path=TOKENS, seconds=0.15, probability=0.7)
    lost = Rule(kind=FaultKind.LOST_ANSWER, path=TOKENS, probability=0.05)
    return Faults(seed=seed, rules=(slow, lost))


@asynccontextmanager
async def keeping(lane: Lane) -> AsyncIterator[Any]:
    """Lend a keeper's process that reads its requests; it is killed in the end."""
    ready = _CONTEXT.Event()
    keeper = _CONTEXT.Process(target=main, args=(lane, ready), daemon=True)
    await asyncio.to_thread(keeper.start)
    try:
        await asyncio.to_thread(ready.wait, 60)
        yield keeper
    finally:
        keeper.kill()
        await asyncio.to_thread(keeper.join)


@asynccontextmanager
async def housed(home: Path, seed: int, lanes: int) -> AsyncIterator[House]:
    """Lend a Kafka, a FreshBooks and connected grants in so many lanes; `home` is emptied first."""
    rmtree(home, ignore_errors=True)
    kafka = await asyncio.to_thread(single.start, home / "kafka")
    _CONTEXT.set_forkserver_preload(["app.bench.grants_keeper"])
    try:
        names = [
            tuple(ConnectionName(f"lane{lane}-{number}") for number in range(EACH)) for lane in range(lanes)
        ]
        found = [Lane(home, kafka, f"bench-{at}", some) for at, some in enumerate(names)]
        async with _registry(found[0].settings) as registry, running_freshbooks(seed=seed) as sandbox:
            chance = Random(seed)  # noqa: S311 - chance for a rehearsal
            house = House(registry, sandbox, found, chance)
            for lane in found:
                for name in lane.names:
                    await house.connect(name)
            yield house
    finally:
        await asyncio.to_thread(single.stop, home / "kafka")


@asynccontextmanager
async def _registry(settings: Settings) -> AsyncIterator[Registry]:
    add(settings.key_file, SHARED_KEY)
    async with administering(client_options(settings)) as admin:
        await create(admin, settings)
        await await_coordinator(admin, APP)
    async with open_registry(settings, _now, os.urandom) as registry:
        yield registry


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a benchmark is its own composition root
