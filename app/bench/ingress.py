"""`freshforce bench ingress`: accepted + verified + durable per second and core, beside two peers.

One core has the load and the broker, the other the system under test; all systems are up and idle while
one is under load, and rounds are interleaved, so that a slow moment of the machine hits them alike.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp
import uvloop

from app.bench.contenders import Contender, contending, share_the_cpus
from app.bench.installation import ACCOUNT, VERIFIER, Installation, set_up
from app.bench.kept import kept
from app.bench.peers.naive import TOPIC
from app.bench.report import Goal, Report, Row, at_least, at_most
from app.bench.shots import shots
from app.bench.volley import Outcome, Volley
from app.kafka.embedded import single
from app.kafka.embedded.ports import free_ports
from app.process.health import address
from streams.topics import EVENTS

Say = Callable[[str], None]

CONNECTIONS: Final = 256
"""Enough to keep a core busy while answers wait for the broker: 20,000 a second x 10 ms are 200 at a time."""
SHOTS: Final = 20_000
CALLBACKS: Final = 256
ROUNDS: Final = 7
SECONDS: Final = 3.0
WARM: Final = 1.5
STEADY: Final = 5.0
OURS, BARE, NAIVE = "freshforce", "bare aiohttp, stores nothing", "naive aiohttp + aiokafka"


@dataclass(slots=True)
class Record:
    """What one system did."""

    warm: Outcome = field(default_factory=Outcome)
    full: list[Outcome] = field(default_factory=list)
    """At full speed, a round each."""
    half: Outcome = field(default_factory=Outcome)
    """At half of its own rate."""
    cpu: float = 0.0
    """Seconds of processor time in the rounds at full speed."""

    @property
    def rate(self) -> float:
        """Median over the rounds."""
        return median(each.rate for each in self.full)

    @property
    def accepted(self) -> Counter[int]:
        """How often each shot was answered 200."""
        return sum((each.accepted for each in (self.warm, *self.full, self.half)), Counter())

    @property
    def refused(self) -> int:
        """Answers other than 200."""
        return sum(each.refused for each in (self.warm, *self.full, self.half))


def measure(say: Say) -> Report:
    """Return the figures of all systems; about two minutes."""
    share_the_cpus()
    with tempfile.TemporaryDirectory(prefix="freshforce-bench-") as folder:
        home = Path(folder)
        say("Kafka starts")
        kafka = single.start(home / "kafka", 0)
        try:
            return uvloop.run(_measure(home, kafka, say))
        finally:
            single.stop(home / "kafka")


async def _measure(home: Path, kafka: str, say: Say) -> Report:
    ingress, bare, naive = free_ports(3)
    paths = tuple(os.urandom(16).hex() for _ in range(CALLBACKS))
    it = Installation(home, kafka, ingress, paths)
    say("the installation is made")
    await set_up(it, TOPIC)
    fire = shots(SHOTS, paths, VERIFIER, ACCOUNT)
    async with AsyncExitStack() as house:
        commands = {
            BARE: (("app.bench.peers.bare", str(bare)), bare),
            NAIVE: (("app.bench.peers.naive", str(naive), kafka), naive),
            OURS: (("app.process.role", "ingress", "bench"), ingress),
        }
        contenders = []
        for name, (command, port) in commands.items():
            say(f"{name} starts")
            contenders.append(await house.enter_async_context(_up(it, name, command, port, fire)))
        records = await _rounds(contenders, say)
    say("the log is read")
    stored = {OURS: await kept(kafka, EVENTS.name), NAIVE: await kept(kafka, TOPIC)}
    lost = {name: (records[name].accepted - counts).total() for name, counts in stored.items()}
    return _report(records, lost)


@asynccontextmanager
async def _up(
    it: Installation, name: str, command: Sequence[str], port: int, fire: Sequence[bytes]
) -> AsyncIterator[Contender]:
    log = it.home / f"{command[-1].rpartition('.')[2]}.log"
    async with contending(name, command, it.environment(), log, lambda: _answers(it, name, port)) as pid:
        volley = Volley(fire, port, CONNECTIONS)
        yield Contender(name, pid, volley)
        volley.close()


def _answers(it: Installation, name: str, port: int) -> "asyncio.Future[bool]":
    if name == OURS:
        return asyncio.ensure_future(_is_up(f"{address('bench', it.home)}/health/ready", 200))
    return asyncio.ensure_future(_is_up(f"http://127.0.0.1:{port}/", 404))


async def _is_up(url: str, status: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == status
    except aiohttp.ClientError:
        return False


async def _rounds(contenders: Sequence[Contender], say: Say) -> dict[str, Record]:
    records = {each.name: Record() for each in contenders}
    for each in contenders:
        say(f"{each.name} warms up")
        await each.volley.connect()
        records[each.name].warm = await each.volley.fire(WARM)
    for number in range(ROUNDS):
        for each in contenders if number % 2 else reversed(contenders):
            say(f"round {number + 1} of {ROUNDS}: {each.name}")
            before = each.cpu()
            records[each.name].full.append(await each.volley.fire(SECONDS))
            records[each.name].cpu += each.cpu() - before
    for each in contenders:
        half = records[each.name].rate / 2
        say(f"{each.name} at half its rate")
        records[each.name].half = await each.volley.fire(STEADY, half)
    return records


def _report(records: dict[str, Record], lost: dict[str, int]) -> Report:
    rows = [row for name, record in records.items() for row in _rows(name, record, lost.get(name))]
    remarks = (
        f"{CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s at full speed, interleaved; medians.",
        "At half rate the clock runs from when a request was due: one slow moment counts for all.",
        "The bare server answers before anything is kept: it is the ceiling, not a rival.",
    )
    return Report("ingress", rows, _goals(records, lost[OURS]), remarks)


def _rows(name: str, record: Record, lost: int | None) -> list[Row]:
    answered = sum(each.accepted.total() for each in record.full)
    rows = [
        Row(name, "accepted per second and core", record.rate, "1/s"),
        Row(name, "best round", max(each.rate for each in record.full), "1/s"),
        Row(name, "processor time per request", record.cpu / answered * 1e6, "µs"),
        Row(name, "p50 at full speed", median(each.quantile(0.5) for each in record.full) * 1e3, "ms"),
        Row(name, "p99 at full speed", median(each.quantile(0.99) for each in record.full) * 1e3, "ms"),
        Row(name, "p50 at half its rate", record.half.quantile(0.5) * 1e3, "ms"),
        Row(name, "p99 at half its rate", record.half.quantile(0.99) * 1e3, "ms"),
        Row(name, "answers other than 200", record.refused, ""),
    ]
    return rows if lost is None else [*rows, Row(name, "answered 200 and not in Kafka", lost, "")]


def _goals(records: dict[str, Record], lost: int) -> list[Goal]:
    return [
        at_least("rate beside the bare server", 0.8, _beside(records, BARE), " times"),
        at_least("rate beside the naive receiver", 1.0, _beside(records, NAIVE), " times"),
        at_most("p99 at half the highest rate", 50, records[OURS].half.quantile(0.99) * 1e3, " ms"),
        at_most("answered 200 and not in Kafka", 0, lost),
    ]


def _beside(records: dict[str, Record], peer: str) -> float:
    """Return the median of the ratios of neighbouring rounds: what the machine does to both cancels out."""
    pairs = zip(records[OURS].full, records[peer].full, strict=True)
    return median(ours.rate / theirs.rate for ours, theirs in pairs)
