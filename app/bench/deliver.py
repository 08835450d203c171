"""Rows to Salesforce: our lanes beside calls per record, fixed windows and bare batches, in turns.

The orgs are in a process of their own, on a core of their own where there are two. The rates at no latency
are taken twice: from our sandbox, which does an org's work on each row, and from an org that does none.
"""

import asyncio
import gc
import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from time import perf_counter, process_time
from typing import Any, Final

import uvloop

from app.bench.deliver_report import (
    BARE,
    FREE,
    ONE,
    OURS,
    RATE,
    SIMPLE,
    WINDOWS,
    WORKING,
    Calls,
    Run,
    Times,
    report,
)
from app.bench.deliver_stage import (
    ACME,
    OTHER,
    Load,
    Place,
    Put,
    a_session,
    accounts,
    an_account,
    calls,
    orgs,
    ours,
    rate_after,
)
from app.bench.peers.writers import Bare, OneByOne, Windows, bodies_of
from app.bench.report import Report
from app.bench.stand import waited
from app.process.garbage import look_seldom
from app.salesforce.lanes.width import MOST
from streams.domain.command import Command
from streams.steps.deliver import Deliver

Say = Callable[[str], None]

LATENCIES: Final = (0.2, 1.0, 5.0)
RAMP: Final = MOST
"""Rounds of calls after which all lanes are open."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    rounds: int = 3
    rows: int = 10_000
    single: int = 1_000
    """Rows for the peers that need a call for each."""
    events: int = 1_000
    latencies: tuple[float, ...] = LATENCIES
    steady: Mapping[float, int] | None = None
    """Rounds of calls to measure over, once all lanes are open, by latency."""
    seconds: float = 6.0
    """Of each stretch of the steady load beside a hanging org."""


STEADY: Final = {0.2: 30, 1.0: 8, 5.0: 4}


def measure(say: Say, size: Size | None = None) -> Report:
    """Return what it costs to bring rows to Salesforce; about three minutes."""
    size = size or Size()
    latencies = (0.0, *size.latencies, 0.2, float("inf"))
    with orgs(latencies) as places, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure(say, size, places))


async def _measure(say: Say, size: Size, places: Sequence[Place]) -> Report:
    sandbox, free, *slow, busy, hanging = places
    runs: list[Run] = []
    began, off = perf_counter(), waited(os.getpid())
    for number in range(1, size.rounds + 1):
        say(f"no latency, round {number} of {size.rounds}")
        runs += await _round(sandbox, size, WORKING)
        runs += await _round(free, size, FREE)
    full = 1000 * (await _full_load_calls(free, size.rows) / size.rows)
    say("40 % repeats")
    repeats = await _repeats(busy, size.events, gap=0.02)
    apart = await _repeats(free, size.events, gap=None)
    say("latencies")
    rates = await _at_latencies(size, slow)
    say("a hanging org")
    times = await _beside_a_hanging_org(size, busy, hanging)
    counted = Calls(full, repeats, apart)
    off = (waited(os.getpid()) - off) / (perf_counter() - began)
    return report(runs, counted, dict(zip(size.latencies, rates, strict=True)), times, off)


async def _round(place: Place, size: Size, org: str) -> list[Run]:
    rows = accounts(size.rows, version=2)
    bodies, few, half = bodies_of(rows), rows[: size.single], rows[: len(rows) // 2]
    async with ours(place) as lanes, a_session() as session:
        # Logged in, described, lanes open, and every row there: to make one costs the org more, whoever asks.
        await Load.all(lanes.put, accounts(size.rows))
        who = session, place.url, (await lanes.client(ACME).door.session()).token
        one, windows, bare = OneByOne(*who), Windows(*who), Bare(*who)
        gc.collect()  # what one system leaves behind is not the next one's to look through
        look_seldom()  # as the worker does; the peers have the same of it
        return [
            Run(OURS, org, *await _timed(place, len(rows), lambda: Load.all(lanes.put, rows))),
            Run(BARE, org, *await _timed(place, len(rows), lambda: bare.send(bodies))),
            Run(ONE, org, *await _timed(place, len(few), lambda: Load.all(one.put, few))),
            Run(WINDOWS, org, *await _timed(place, len(half), lambda: Load.all(windows.put, half))),
            *await _by_simple_salesforce(place, who[2], few, org),
        ]


async def _by_simple_salesforce(place: Place, token: str, rows: Sequence[Command], org: str) -> list[Run]:
    """Return what simple-salesforce did, or nothing where it is not installed."""
    if importlib.util.find_spec("simple_salesforce") is None:
        return []
    peer = importlib.import_module("app.bench.peers.one_session")
    with peer.OneSession(place.url, token) as one:
        work = partial(asyncio.to_thread, one.write, rows)
        return [Run(SIMPLE, org, *await _timed(place, len(rows), work))]


async def _timed(place: Place, rows: int, work: Callable[[], Any]) -> tuple[float, float, float]:
    """Return rows per second by the clock, our processor time per row, and the part of the time waited.

    Client and org wait for each other, so what kept the one off its core longest kept both.
    """
    both = (os.getpid(), place.pid)
    off = [waited(pid) for pid in both]
    began, cpu = perf_counter(), process_time()
    await work()
    seconds, cpu = perf_counter() - began, process_time() - cpu
    longest = max(waited(pid) - before for pid, before in zip(both, off, strict=True))
    return rows / seconds, cpu / rows, min(longest / seconds, 0.99)


async def _full_load_calls(place: Place, rows: int) -> int:
    """Return the calls for so many changed records, log-in and describe apart."""
    before = (await calls(place))["collections"]
    async with ours(place) as lanes:
        await Load.all(lanes.put, accounts(rows, version=2))
    return (await calls(place))["collections"] - before


async def _repeats(place: Place, events: int, gap: float | None) -> float:
    """Return the calls per event, all kinds but the log-in, when two in five events are repeats."""
    before = sum((await calls(place)).values())
    async with ours(place) as lanes:
        deliver = Deliver(lanes, {}, {})
        told = []
        for command in some_events(events):
            told.append((command, asyncio.ensure_future(deliver.ask(command))))
            if gap is None:
                await _concluded(deliver, told)
            else:
                await asyncio.sleep(gap)
        await _concluded(deliver, told)
    return (sum((await calls(place)).values()) - before) / events


async def _concluded(deliver: Deliver, told: list[tuple[Command, Any]]) -> None:
    for command, word in told:
        list(deliver(command, await word))
    told.clear()


def some_events(count: int, seed: int = 4) -> Iterator[Command]:
    """Yield commands of which two in five repeat an earlier one, as FreshBooks repeats its webhooks."""
    chance, told = Random(seed), list[Command]()  # noqa: S311 - a rehearsal's chance
    repeat = [True] * (count * 2 // 5) + [False] * (count - 1 - count * 2 // 5)
    chance.shuffle(repeat)
    for again in (False, *repeat):
        if not again:
            told.append(an_account(len(told) + 1, 1))
        yield chance.choice(told[-50:]) if again else told[-1]


async def _at_latencies(size: Size, places: Sequence[Place]) -> list[float]:
    """Return the rows per second at each latency; the quickest alone, since it alone costs us time."""
    steady = size.steady or STEADY
    first = await _at(places[0], size.latencies[0], steady)
    rest = zip(places[1:], size.latencies[1:], strict=True)
    return [first, *await asyncio.gather(*(_at(place, latency, steady) for place, latency in rest))]


async def _at(place: Place, latency: float, steady: Mapping[float, int]) -> float:
    batches = sum(range(1, MOST)) + MOST * (steady[latency] + 1)
    async with ours(place) as lanes:
        load = await Load.all(lanes.put, accounts(200 * batches))
    return rate_after(load.done, (RAMP - 0.5) * latency)


async def _beside_a_hanging_org(size: Size, busy: Place, hanging: Place) -> Times:
    alone, beside, windows = [], [], []
    for _ in range(size.rounds):
        async with ours(busy) as lanes:
            alone.append(await _steadily(lanes.put, size.seconds))
        async with ours(busy, hanging) as lanes:
            lost = asyncio.ensure_future(_never(lanes.put))
            beside.append(await _steadily(lanes.put, size.seconds))
            lost.cancel()
        async with a_session() as session:
            windows.append(await _steadily(Windows(session, busy.url, "bench").put, size.seconds))
    return Times(alone, beside, windows)


async def _never(put: Put) -> None:
    """Load the org that never answers."""
    kept = []
    for client in range(1, 1_000_000):
        kept.append(put(an_account(client, 1, OTHER)))
        await asyncio.sleep(1 / RATE)


async def _steadily(put: Put, seconds: float) -> list[float]:
    """Return the seconds that each row took, put at a steady rate whatever is answered."""
    times: list[float] = []
    began, waiting = perf_counter(), list[Any]()
    for number in range(1, int(seconds * RATE) + 1):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - perf_counter()))
        answer = put(an_account(number, 1, ACME))
        answer.add_done_callback(partial(_noted, times, due))
        waiting.append(answer)
    await asyncio.gather(*waiting)
    return times[int(RATE) :]  # the first second opens the connections


def _noted(times: list[float], due: float, answer: "asyncio.Future[Any]") -> None:
    answer.result()
    times.append(perf_counter() - due)
