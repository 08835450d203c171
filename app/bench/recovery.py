"""A million entries of the id map after kill -9: our worker, whole, beside stock Faust's own recovery.

Time runs from the start of the process until it says that it is ready, as an operator sees it; rates are
taken of what the entries add to the start of the same process with an empty table. Stock Faust gets fewer
entries, or it would take minutes.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Final

import aiohttp
import orjson
from aiokafka.admin import NewTopic

from app.bench.installation import Installation, set_up
from app.bench.peers import stock_table
from app.bench.peers.stock_faust import PARTITIONS
from app.bench.report import Report, Row, at_least, at_most
from app.bench.stand import SHARED, Stand, resident, stand, waited
from app.kafka.inventory import administering, await_leaders
from app.kafka.producer import make_producer
from app.process.health import note_of
from app.worker.sink import KafkaSink
from streams.domain.command import SObject
from streams.domain.identity import SalesforceId, digest
from streams.loop.claims import headers_of
from streams.loop.contract import Sendable
from streams.steps.id_map import Delivered, IdMap, row_key
from streams.topics import ID_MAP

Say = Callable[[str], None]

ENTRIES: Final = 1_000_000
STOCK_ENTRIES: Final = 40_000
ROUNDS: Final = 3
AT_ONCE: Final = 20_000
PATIENCE: Final = 120.0
EPOCH: Final = 1000
"""Above that of the worker that started with empty tables, or its entries would count for nothing."""
NAME: Final = "worker"
OURS, STOCK = "Freshforce", "stock Faust"


class Lost(RuntimeError):
    """Entries did not come back."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a process until it was ready."""

    clock: float
    """Seconds from the start of the process until it was ready."""
    waited: float
    """Seconds of these in which others had its core."""
    memory: int
    rows: int

    @property
    def seconds(self) -> float:
        """Seconds that it needed."""
        return self.clock - self.waited


@dataclass(slots=True)
class Starts:
    """The starts of one system, with an empty table and with all entries."""

    entries: int
    empty: Start
    full: list[Start] = field(default_factory=list)
    at_once: float = 0.0
    """Seconds from kill -9 to ready, when it is started again at once."""

    @property
    def seconds(self) -> float:
        """Median time to be ready."""
        return median(start.seconds for start in self.full)

    @property
    def rate(self) -> float:
        """Entries per second from the start of the process on."""
        return self.entries / self.seconds

    @property
    def loading(self) -> float:
        """Entries per second of what the entries add to a start."""
        return self.entries / (self.seconds - self.empty.seconds)

    @property
    def memory(self) -> float:
        """Bytes in memory that a million entries add."""
        held = median(start.memory for start in self.full) - self.empty.memory
        return held / self.entries * 1e6

    def check(self) -> None:
        """Make sure that every start brought all entries back.

        Raises:
            Lost: a recovery that recovers less is worth no figure.
        """
        for start in self.full:
            if start.rows != self.entries:
                message = f"{start.rows} of {self.entries} entries came back"
                raise Lost(message)


def measure(
    say: Say, entries: int = ENTRIES, stock_entries: int = STOCK_ENTRIES, rounds: int = ROUNDS
) -> Report:
    """Return how fast the id map is back; about two minutes."""
    return report(*asyncio.run(_measure(say, entries, stock_entries, rounds)))


async def _measure(say: Say, entries: int, stock_entries: int, rounds: int) -> tuple[Starts, Starts]:
    say("Kafka starts")
    with stand() as here:
        it = Installation(here.folder / "home", here.kafka, 0, ())
        await set_up(it)
        say("empty tables")
        await _ours(here, it)  # the first start of all makes topics and joins a new group
        await _stock(here, "stock-empty")
        ours = Starts(entries, await _ours(here, it))
        stock = Starts(stock_entries, await _stock(here, "stock-empty"))
        say(f"{entries:,} entries are written")
        await _feed(here, ID_MAP.changelog, entries, EPOCH)
        await _compacted(here, stock_table.changelog_of("stock"))
        await _feed(here, stock_table.changelog_of("stock"), stock_entries)
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}: {STOCK}")
            stock.full.append(await _stock(here, "stock"))
            say(f"round {number} of {rounds}: {OURS}")
            ours.full.append(await _ours(here, it))
        say("kill -9, and at once again")
        ours.at_once = (await _ours(here, it)).clock
    ours.check()
    stock.check()
    return ours, stock


def report(ours: Starts, stock: Starts) -> Report:
    """Return the figures of all starts."""
    rows = [*_rows(OURS, ours), *_rows(STOCK, stock)]
    rows.append(Row(OURS, "from kill -9 to ready, started again at once", ours.at_once, "s"))
    goals = (
        at_least("recovery beside stock Faust", 40, ours.loading / stock.loading, " times"),
        at_most("memory per million entries", 80, ours.memory / 1e6, " MB"),
    )
    remarks = (
        f"{OURS}: {ours.entries:,} entries of 16 + 34 bytes; every start follows a kill -9.",
        f"{STOCK}: {stock.entries:,} entries of the same kind, or it would take minutes.",
        "Compared is what the entries add to an empty start, for both alike.",
        SHARED,
    )
    return Report("recovery", rows, goals, remarks)


def _rows(system: str, starts: Starts) -> Iterator[Row]:
    yield Row(system, "entries", starts.entries, "")
    yield Row(system, "start to ready", starts.seconds, "s")
    yield Row(system, "start to ready, by the clock", median(it.clock for it in starts.full), "s")
    yield Row(system, "start to ready, empty", starts.empty.seconds, "s")
    yield Row(system, "recovered, from the start on", starts.rate, "records/s")
    yield Row(system, "recovered, less an empty start", starts.loading, "records/s")
    yield Row(system, "memory per million entries", starts.memory / 1e6, "MB")


async def _ours(here: Stand, it: Installation) -> Start:
    """Start our worker, all of it, wait until it is ready, and kill it."""
    begun = monotonic()
    with here.under_test("app.process.role", "worker", NAME, environment=it.environment()) as process:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while (rows := await _said(session, it.home, process.pid)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        start = Start(monotonic() - begun, waited(process.pid), resident(process.pid), rows)
        process.send_signal(signal.SIGKILL)
        process.wait()
    return start


async def _said(session: aiohttp.ClientSession, home: Path, pid: int) -> int | None:
    """Return how many entries the worker says it has, once it is ready."""
    note = note_of(NAME, home)
    told = orjson.loads(note.read_bytes()) if note.exists() else {}
    if told.get("pid") != pid:
        return None
    try:
        async with session.get(f"http://127.0.0.1:{told['port']}/health/ready") as answer:
            return (await answer.json())["rows"][ID_MAP.name] if answer.ok else None
    except aiohttp.ClientError:
        return None


async def _stock(here: Stand, run: str) -> Start:
    """Start stock Faust, wait until its table is recovered, and stop it in order: it forgets all the same."""
    module, log = stock_table.__name__, here.folder / "stock_table.log"
    log.unlink(missing_ok=True)
    begun = monotonic()
    with here.under_test(module, here.kafka, run) as process:
        async with asyncio.timeout(PATIENCE):
            while (rows := _told(log)) is None:  # noqa: ASYNC110  # it rings no bell
                await asyncio.sleep(0.02)
        return Start(monotonic() - begun, waited(process.pid), resident(process.pid), rows)


def _told(log: Path) -> int | None:
    """Return how many entries stock Faust says it has, once it has recovered them."""
    said = log.read_text().partition(stock_table.READY)[2].split()
    return int(said[0]) if said else None


async def _compacted(here: Stand, topic: str) -> None:
    wanted = NewTopic(topic, PARTITIONS, 1, topic_configs={"cleanup.policy": "compact"})
    async with administering(here.options) as admin:
        await admin.create_topics([wanted])
        await await_leaders(admin, [topic])


async def _feed(here: Stand, changelog: str, count: int, epoch: int = 0) -> None:
    """Write entries as deliver does."""
    producer = make_producer(here.options)
    await producer.start()
    sink = KafkaSink(producer, PARTITIONS)
    records = entries(count, epoch)
    for number in range(0, count, AT_ONCE):
        some = [*islice(records, AT_ONCE)]
        await (await sink.post({(changelog, number // AT_ONCE % PARTITIONS): some}))
    await producer.stop()


def entries(count: int, epoch: int = 0) -> Iterator[Sendable]:
    """Yield what the id map's owner of this epoch writes of so many invoices."""
    state: dict[bytes, bytes] = {}
    id_map = IdMap(state)
    for number in range(count):
        row = row_key(f"bench:{SObject.OPPORTUNITY.value}:p7rQW5:{number}")
        content = bytes.fromhex(digest(str(number)))[:8]
        id_map.put(row, Delivered(SalesforceId(f"006{number:012}AAA"), 1 + number % 9, content))
        yield row, state.pop(row), headers_of(epoch)
