"""The crash test: signed webhooks at a steady rate while processes are killed; then all must be there.

Kills are drawn from a seed; what they hit depends on the machine. So a seed plays the same kills again,
not the same run.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol

from app.bench.crash_history import relapses
from app.bench.crash_plan import FULL, PATIENCE, WORKERS, Size, Strike, plan
from app.bench.crash_stage import Stage, staged
from app.bench.crash_traffic import Traffic
from app.bench.crash_trail import endings, trail
from app.bench.crash_verdict import Counted, Verdict, report
from app.bench.report import Report
from app.demo.joining import NAME
from app.demo.judge import judge
from app.demo.orgs import missing
from app.demo.progress import Progress, Watcher
from app.settings import load

KEYS: Final = {"Account": "FreshBooks_Client_Id__c", "Opportunity": "FreshBooks_Invoice_Id__c"}
STILL: Final = 3
"""Looks in a row that must show the same, and everything done, until we believe it."""
LOOK_EVERY: Final = 0.4
SOON: Final = 0.02

Say = Callable[[str], None]


def measure(say: Say, seed: int | None = None, size: Size = FULL) -> Report:
    """Kill at full size and judge; five minutes at most. Without a seed chance chooses one, and tells it."""
    chosen = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    home = load().home.resolve() / "crash"
    return report(asyncio.run(Crash(home, size, chosen, say).run()), home)


class CrashFailed(Exception):
    """The run could not be brought to its end; the message says what to look at."""


class Struck(Protocol):
    """Something that can be struck; tells whether it was."""

    async def strike(self, strike: Strike) -> bool:
        """Strike once; return when the next strike may come."""
        ...


@dataclass(slots=True)
class Crash:
    """One run in `home`, which is emptied first."""

    home: Path
    size: Size
    seed: int
    say: Say
    """Tells a person how far it is."""
    patience: float = 150.0
    """Seconds for what is left over when the last kill is done."""
    kills: Counter[str] = field(default_factory=Counter)
    extras: Counter[str] = field(default_factory=Counter)
    at_work: int = 0
    progress: Progress = field(default_factory=Progress)
    phase: str = ""

    async def run(self) -> Verdict:
        """Play it and judge it.

        Raises:
            CrashFailed: what was left over was not worked off in time.
            CommandFailed: the stage could not be set.
        """
        async with staged(self.home, self.size, self.seed) as stage:
            self.say(f"seed {self.seed}: all is up")
            await stage.salesforce("PUT", "history")
            await stage.backstage.control.webhooks(
                retry=True, field_order="shuffled", duplicate=0.05, timeout=5.0
            )
            traffic, began = Traffic(random.Random(f"traffic {self.seed}")), monotonic()  # noqa: S311  # no secret
            await self._storm(stage, traffic)
            struck = monotonic()
            await self._healed(stage)
            codes = await self._close(stage)
            return await self._judged(stage, traffic, codes, (struck - began, monotonic() - struck))

    async def _storm(self, stage: Stage, traffic: Traffic) -> None:
        """Kill according to plan while the traffic goes on."""
        over = asyncio.Event()
        await stage.trouble(self.seed)
        acting = asyncio.create_task(traffic.run(stage.backstage.control, self.size.acts, over))
        try:
            strikes = plan(self.seed, self.size).values()
            await asyncio.gather(*(self._strike(stage, sequence) for sequence in strikes))
        finally:
            over.set()
            await acting

    async def _strike(self, stage: Stage, strikes: Sequence[Strike]) -> None:
        for strike in strikes:
            if strike.at_work:
                await self._at_work(stage, strike)
            await asyncio.sleep(strike.after)
            victim: Struck = stage.broker if strike.victim == "broker" else stage.roles[strike.victim]
            while not await victim.strike(strike):  # noqa: ASYNC110  # it is being started: rings no bell
                await asyncio.sleep(SOON)
            counted = self.kills if strike.how.name == "SIGKILL" else self.extras
            counted[strike.victim if counted is self.kills else strike.how.name] += 1
            self.say(f"{self.kills.total()} of {self.size.kills} kills")

    async def _at_work(self, stage: Stage, strike: Strike) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await stage.ready(strike.victim)
                self.at_work += 1

    async def _healed(self, stage: Stage) -> None:
        """Let everything be well, and wait until all that was accepted, or refused, is worked off."""
        try:
            async with asyncio.timeout(self.patience):
                self._enter("healing")
                await stage.heal()
                await stage.ready("ingress", *WORKERS)
                self._enter("waiting for webhooks that are sent again")
                await stage.backstage.control.settle(self.patience)
                self._enter("polling for what was refused for good")
                await stage.shop.command("poll", NAME)
                self._enter("working off the rest")
                async with Watcher(stage.kafka) as watcher:
                    await self._settled(watcher)
        except TimeoutError:
            stuck = f"it hung at: {self.phase} ({self.progress})"
            message = f"not worked off within {self.patience:g} s; {stuck}; the logs are in {self.home}"
            raise CrashFailed(message) from None

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self.say(phase)

    async def _settled(self, watcher: Watcher) -> None:
        still = 0
        while still < STILL:
            progress = await watcher.look()
            still = still + 1 if progress.settled and progress == self.progress else 0
            self.progress = progress
            await asyncio.sleep(LOOK_EVERY)

    async def _close(self, stage: Stage) -> Counter[int]:
        """End the workers in order; return how all of them ended."""
        await asyncio.gather(*(stage.roles[name].stop() for name in WORKERS))
        return Counter(code for name in WORKERS for code in stage.roles[name].codes)

    async def _judged(
        self, stage: Stage, traffic: Traffic, codes: Counter[int], seconds: tuple[float, float]
    ) -> Verdict:
        backstage, org = stage.backstage, await stage.backstage.org()
        accepted, kept = await backstage.accepted(), await trail(stage.kafka)
        histories = {
            (sobject, row[KEYS[sobject]]): await stage.salesforce("GET", f"history/{row['Id']}")
            for sobject, rows in (("Account", org.accounts), ("Opportunity", org.opportunities))
            for row in rows
            if row.get(KEYS[sobject])
        }
        ends, writes = endings(kept), sum(map(len, histories.values()))
        lost = await missing(stage.kafka, accepted)
        lag = sum((self.progress.ends - self.progress.done).values())
        counted = Counted(
            self.kills,
            self.extras,
            self.at_work,
            traffic.acted,
            accepted.total(),
            lost,
            lag,
            codes,
            writes,
            *seconds,
        )
        parked = _parked(kept.audit)
        differences = judge(await backstage.books(), org)
        return Verdict(
            self.seed, self.size.kills, counted, differences, ends, relapses(kept.commands, histories), parked
        )


def _parked(audit: Sequence[dict[str, Any]]) -> int:
    """Return how many commands were parked and never ended."""
    delivered = [entry for entry in audit if entry["step"] == "deliver"]
    ended = {entry["cause"] for entry in delivered if entry["verdict"] not in {"parked", "released"}}
    return len({entry["cause"] for entry in delivered} - ended)
