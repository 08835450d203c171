"""The demo from the first process to the verdict."""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.live import Live

from app.demo import ending, screen
from app.demo.joining import NAME
from app.demo.judge import judge
from app.demo.orgs import missing
from app.demo.progress import Progress, Watcher
from app.demo.stage import Stage, staged
from app.demo.summary import Counted, Summary, summed_up
from app.demo.waiting import true, viewed
from streams.topics import COMMANDS

LOOK_EVERY: Final = 0.3
STILL: Final = 2
"""Looks in a row that must show the same, and everything done, until we believe it."""
KILL_AT: Final = 0.4
"""Part of the scenario's steps after which the worker is killed, as soon as it has delivered something."""
TO_TRY: Final = ("FRESHFORCE_HOME", "FRESHFORCE_ADMIN_LISTEN", "FRESHFORCE_ALLOW_HTTP_VENDORS")
"""Settings with which a person can try commands on what the demo left running, and follow their links."""
SMOOTH: Final = 10
"""Looks over which a rate is taken: commits come once a second."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to play."""

    scenario: str
    seed: int
    size: int
    keep: bool


class Demo:
    """One run of the demo; `console` is where people look, `tell` gets the figures."""

    def __init__(
        self, wish: Wish, home: Path, console: Console, tell: Callable[[Summary], None] = lambda _: None
    ) -> None:
        self._wish, self._home, self._console, self._tell = wish, home, console, tell
        self._doing, self._killing, self._killed = "", False, False
        self._looks: deque[tuple[float, Progress]] = deque([(0.0, Progress())], maxlen=SMOOTH)
        self._still = 0
        self._began = time.monotonic()

    async def run(self) -> Summary:
        """Play it and return the figures.

        Raises:
            DemoFailed: a part did not come up, or the work was not done in time.
            CommandFailed: one of the commands that a user would type failed.
        """
        async with staged(self._home, self._wish.seed, self.say) as stage, Watcher(stage.kafka) as watcher:
            await self.play(stage, watcher)
            summary = await self.judge(stage, watcher)
            self._tell(summary)
            if self._wish.keep:
                await self._keep(stage)
        return summary

    async def play(self, stage: Stage, watcher: Watcher) -> None:
        """Play the scenario, kill the worker on the way, and watch until all is done."""
        self.say(f"playing {self._wish.scenario}, seed {self._wish.seed}, {self._wish.size} invoices")
        began = time.monotonic()
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            watching = asyncio.create_task(self._watch(stage, watcher, live))
            try:
                await self._act(stage)
                await self._poll_what_was_lost(stage)
                await stage.wait(self._settled(watching), "the work to be done")
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
        taken = time.monotonic() - began
        self._doing = f"all done; on the average of {taken:.0f} s:"
        self._console.print(screen.flow(self._doing, await watcher.look(), Progress(), taken))

    async def judge(self, stage: Stage, watcher: Watcher) -> Summary:
        """Compare both systems row by row, show it, and return the figures."""
        backstage = stage.backstage
        books, org, accepted = await asyncio.gather(backstage.books(), backstage.org(), backstage.accepted())
        differences = judge(books, org)
        lost = await stage.wait(missing(stage.kafka, accepted), "the events topic to be read")
        told = await self._life(stage, watcher, ending.teller(books))
        progress, calls = await watcher.look(), await backstage.calls()
        counted = Counted(accepted.total(), lost, calls, time.monotonic() - self._began)
        summary = summed_up(progress, differences, counted)
        self._console.print(told, highlight=False, markup=False)
        ending.ending(self._console, books, org, summary, differences)
        return summary

    def say(self, text: str) -> None:
        """Tell people what is being done, and when since the beginning."""
        passed = time.monotonic() - self._began
        self._console.print(f"{passed:5.1f} s  {text}", highlight=False, markup=False)

    async def _act(self, stage: Stage) -> None:
        wish = self._wish
        async for at in stage.backstage.control.play(wish.scenario, wish.seed, wish.size):
            doing = at.doing.replace("-", " ")
            self._doing = f"{doing} ({at.acts} acts so far)"
            if at.note:
                self.say(f"{doing}: {at.note}")
            self._killing = at.step > at.steps * KILL_AT
        self._doing = "all webhooks are delivered; working off the rest"

    async def _poll_what_was_lost(self, stage: Stage) -> None:
        counters = await stage.backstage.control.counters()
        if lost := counters.webhooks["dropped"]:
            self.say(f"{lost} webhooks never arrived: polling FreshBooks for what changed")
            await stage.shop.command("poll", NAME)

    async def _watch(self, stage: Stage, watcher: Watcher, live: Live) -> None:
        while True:
            now, progress = time.monotonic(), await watcher.look()
            if self._killing and not self._killed and progress.done[COMMANDS.name]:
                self._kill_worker(stage)
            then, before = self._looks[0]
            live.update(screen.flow(self._doing, progress, before, now - then))
            still = self._killed and progress.settled and progress == self._looks[-1][1]
            self._still = self._still + 1 if still else 0
            self._looks.append((now, progress))
            await asyncio.sleep(LOOK_EVERY)

    def _kill_worker(self, stage: Stage) -> None:
        note = orjson.loads((stage.home / "run" / "worker.json").read_bytes())
        with suppress(ProcessLookupError):  # it ended by itself: we kill the next
            os.kill(note["pid"], signal.SIGKILL)
            self._killed = True
            self.say("killing the worker (kill -9) in the middle of its work; the supervisor starts the next")

    async def _settled(self, watching: "asyncio.Task[None]") -> None:
        """Wait until all is done and nothing has moved for a while."""
        self._still = 0
        await true(lambda: self._still >= STILL or watching.done())
        if watching.done():
            watching.result()

    async def _life(self, stage: Stage, watcher: Watcher, invoice: int | None) -> str:
        """Return the whole life of one invoice, as the view tells it."""
        if invoice is None:
            return ""
        await stage.wait(viewed(stage.session, stage.home, await watcher.audited()), "the view")
        return await stage.shop.command("trace", NAME, "invoice", str(invoice), width=self._console.width)

    async def _keep(self, stage: Stage) -> None:
        """Leave all running until interrupted, and say where everything is."""
        settings, vendors = stage.shop.environment, stage.backstage
        admin = f"http://{settings['FRESHFORCE_ADMIN_LISTEN']}"
        said = " ".join(f"{name}={settings[name]}" for name in TO_TRY)
        places = {
            "FreshBooks": vendors.freshbooks.url,
            "Salesforce": vendors.salesforce.url,
            "webhooks": settings["FRESHFORCE_PUBLIC_URL"],
            "dashboard": admin,
            "health": f"{admin}/health/roles",
            "Kafka": stage.kafka,
            "state and logs": str(self._home),
            "try": f"{said} {Path(sys.executable).with_name('freshforce')} ping {NAME}",
        }
        self._console.print(ending.addresses(places))
        await _interrupted()


async def _interrupted() -> None:
    """Wait for Ctrl-C, which here is no failure but the end of the visit."""
    loop, enough = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, enough.set)
    try:
        await enough.wait()
    finally:
        loop.remove_signal_handler(signal.SIGINT)
