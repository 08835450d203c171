"""What `bench deliver` found: figures and goals, and what a reader must know to judge them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from app.bench.deliver_stage import quantile
from app.bench.report import Goal, Report, Row, at_least, at_most
from app.bench.stand import SHARED
from app.salesforce.lanes.width import MOST

OURS, ONE, WINDOWS, BARE = "Freshforce", "one call per record", "fixed 1 s windows", "bare batches"
SIMPLE: Final = "simple-salesforce"
"""One upsert after the other on one connection; there are runs of it where it is installed."""
WORKING, FREE = "", ", by an org that does no work"
SLOW: Final = 0.2
"""Seconds of latency, as of a quick real org."""
RATE: Final = 300.0
"""Rows a second of the steady load."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a system did at no latency in one round."""

    system: str
    org: str
    by_the_clock: float
    """Rows per second."""
    cpu: float
    """Seconds of processor time per row, of the client alone."""
    waited: float = 0.0
    """The part of the time that client or org stood ready while others had its core."""

    @property
    def per_second(self) -> float:
        """Rows per second of the time in which both could have their cores."""
        return self.by_the_clock / (1 - self.waited)


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls it took."""

    full: float
    """Per 1,000 changed records under full load."""
    repeats: float
    """Per event, of which 40 % are repeats, in a steady trickle."""
    apart: float
    """The same when each event comes when the one before it is done."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds until rows were answered at a steady 300 a second, per round."""

    alone: Sequence[Sequence[float]]
    beside: Sequence[Sequence[float]]
    """While another org hangs."""
    windows: Sequence[Sequence[float]]
    """The same load through fixed windows."""


def report(
    runs: Sequence[Run], counted: Calls, rates: Mapping[float, float], times: Times, off: float
) -> Report:
    """Return figures and goals; `off` is the part of the time that other processes had the client's core."""
    rows = (
        *_at_once(runs),
        Row(OURS, "calls per 1,000 changed records, full load", counted.full, "calls"),
        Row(OURS, "calls with 40 % repeats, a steady trickle", 100 * counted.repeats, "% of events"),
        Row(OURS, "calls with 40 % repeats, one at a time", 100 * counted.apart, "% of events"),
        *(Row(OURS, f"at {latency:g} s latency", rate, "rows/s") for latency, rate in rates.items()),
        *_row_times(times),
    )
    return Report("deliver", rows, tuple(_goals(runs, counted, rates, times)), _remarks(runs, off))


def _goals(runs: Sequence[Run], counted: Calls, rates: Mapping[float, float], times: Times) -> Iterator[Goal]:
    yield at_most("calls per 1,000 changed records, full load", 5.5, counted.full)
    yield at_most("calls with 40 % repeats", 60, 100 * counted.repeats, " % of events")
    if _of(runs, SIMPLE, WORKING):
        beside_simple = _beside(runs, OURS, SIMPLE, WORKING)
        yield at_least(f"rate beside {ONE}, one at a time ({SIMPLE})", 20, beside_simple, " times")
    beside_one = _beside(runs, OURS, ONE, WORKING)
    yield at_least(f"rate beside {ONE}, {MOST} at a time", 20, beside_one, " times")
    yield at_least("rate beside bare batches", 0.5, _beside(runs, OURS, BARE, WORKING), " times")
    for latency, rate in rates.items():
        off = 100 * abs(rate * latency / (200 * MOST) - 1)
        yield at_most(
            f"off {200 * MOST / latency:,g} rows/s = 200 * {MOST} lanes / {latency:g} s", 10, off, " %"
        )
    alone, beside = _p99(times.alone), _p99(times.beside)
    yield at_most("p99 beside a hanging org", 10, 100 * (beside / alone - 1), " % more")


def _of(runs: Sequence[Run], system: str, org: str) -> list[Run]:
    return [run for run in runs if (run.system, run.org) == (system, org)]


def _beside(runs: Sequence[Run], system: str, peer: str, org: str) -> float:
    """Return the median ratio of neighbouring runs: what the machine does to both cancels out."""
    pairs = zip(_of(runs, system, org), _of(runs, peer, org), strict=True)
    return median(it.per_second / its.per_second for it, its in pairs)


def _at_once(runs: Sequence[Run]) -> Iterator[Row]:
    for system in (OURS, BARE, ONE, SIMPLE, WINDOWS):
        if not _of(runs, system, WORKING):
            continue
        for org in (WORKING, FREE):
            found = _of(runs, system, org)
            yield Row(system, f"taken at once{org}", median(run.per_second for run in found), "rows/s")
            clock = median(run.by_the_clock for run in found)
            yield Row(system, f"taken at once{org}, by the clock", clock, "rows/s")
        yield Row(system, "processor time", 1e6 * _cpu(runs, system), "µs/row")


def _cpu(runs: Sequence[Run], system: str) -> float:
    return median(run.cpu for run in runs if run.system == system)


def _row_times(times: Times) -> Iterator[Row]:
    for system, metric, found in (
        (OURS, "", times.alone),
        (OURS, " beside a hanging org", times.beside),
        (WINDOWS, "", times.windows),
    ):
        half = median(quantile(each, 0.5) for each in found)
        yield Row(system, f"{RATE:g} rows/s at 0.2 s{metric}, p50", half, "s")
        yield Row(system, f"{RATE:g} rows/s at 0.2 s{metric}, p99", _p99(found), "s")


def _p99(rounds: Sequence[Sequence[float]]) -> float:
    return median(quantile(each, 0.99) for each in rounds)


def _remarks(runs: Sequence[Run], off: float) -> tuple[str, ...]:
    mine, bare, one = (1e6 * _cpu(runs, name) for name in (OURS, BARE, ONE))
    rounds = len(_of(runs, OURS, WORKING))
    return (
        f"{rounds} rounds in turns; medians, ratios of neighbours; {MOST} calls at a time, {SIMPLE} one.",
        SHARED,
        _of_simple_salesforce(runs),
        "Goals beside peers are held against our sandbox, which checks, indexes and keeps each row.",
        (
            f"Without latency a call costs processor time alone: {one:.0f} µs for a record of its own, "
            f"{bare:.1f} µs a row for batches encoded before the clock starts, {mine:.1f} µs for a row "
            "of ours, which comes singly and is ordered by parent and client, fitted, encoded and answered. "
            f"So by an org that does no work we do {_beside(runs, OURS, ONE, FREE):.2g} times the first and "
            f"{_beside(runs, OURS, BARE, FREE):.2g} times the second."
        ),
        (
            f"Bare batches themselves do {_beside(runs, BARE, ONE, WORKING):.2g} times a call per record: "
            "our sandbox works on each row, however it comes. Nothing that writes the same rows can do more."
        ),
        (
            f"With latency the calls decide: at {SLOW:g} s a call per record does {MOST / SLOW:g} rows/s, "
            f"batches {200 * MOST / SLOW:,g}."
        ),
        f"Other processes had the client's core for {off:.0%} of the time; on a quiet machine none do.",
    )


def _of_simple_salesforce(runs: Sequence[Run]) -> str:
    if not _of(runs, SIMPLE, WORKING):
        return f"{SIMPLE} is not installed, so it is not measured: pip install 'freshforce[bench]'"
    return (
        f"{SIMPLE} upserts one row at a time on one connection, as its documentation shows and a plain "
        f"connector does; {MOST} at a time are the stronger peer, so the same goal is held against both."
    )
