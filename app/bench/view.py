"""The audit view from nothing: our follower, from Kafka to SQL, beside a bare executemany of ready rows.

The peer does what no view can do without: put the same rows into the same table with the same indexes, in
transactions as large as ours. It reads no Kafka, parses nothing, keeps no chain and no position.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

from aiokafka.admin import NewTopic

from app.bench.contenders import TEST_CPU
from app.bench.report import Report, Row, at_least
from app.bench.stand import Stand, stand
from app.kafka.inventory import administering, await_leaders
from app.kafka.producer import make_producer
from app.view.follow import BATCH, Follower
from app.view.rows import row
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import SObject
from streams.domain.identity import ClientId, CommandId, ConnectionName, ObjectKind, SalesforceId, digest
from streams.domain.result import Outcome, Result
from streams.topics import AUDIT

Say = Callable[[str], None]

MANY: Final = 200_000
ROUNDS: Final = 3
PARTITIONS: Final = 4
OURS, BARE = "Freshforce", "bare executemany"


def measure(say: Say, entries: int = MANY, rounds: int = ROUNDS) -> Report:
    """Return how many entries a second each stores; about two minutes."""
    say("Kafka starts")
    return asyncio.run(_measure(say, entries, rounds))


async def _measure(say: Say, entries: int, rounds: int) -> Report:
    ours, bare = [], []
    with stand() as here:
        say(f"{entries:,} entries are written")
        values = [_entry(number) for number in range(entries)]
        await _feed(here, values)
        ready = [row(number % PARTITIONS, number, number, value) for number, value in enumerate(values)]
        os.sched_setaffinity(0, {TEST_CPU})
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}: {OURS}")
            ours.append(await _followed(here, here.folder / f"ours-{number}.sqlite", entries))
            say(f"round {number} of {rounds}: {BARE}")
            bare.append(await _executed(here.folder / f"bare-{number}.sqlite", ready))
    return report(ours, bare, entries)


def report(ours: Sequence[float], bare: Sequence[float], entries: int) -> Report:
    """Return the figures; `ours` and `bare` are entries a second, round by round."""
    beside = median(one / other for one, other in zip(ours, bare, strict=True))
    goals = (
        at_least("rate beside a bare executemany", 0.6, beside, " times"),
        at_least("rate (orientation)", 20_000, median(ours), " entries/s"),
    )
    told = ((OURS, ours), (BARE, bare))
    rows = (Row(system, "median", median(rates), "entries/s") for system, rates in told)
    remark = f"{len(ours)} rounds in turns, {entries:,} entries each, into an empty SQLite file; medians."
    return Report("view", tuple(rows), goals, (remark,))


async def _feed(here: Stand, values: Sequence[bytes]) -> None:
    async with administering(here.options) as admin:
        await admin.create_topics([NewTopic(AUDIT.name, PARTITIONS, 1)])
        await await_leaders(admin, [AUDIT.name])
    producer = make_producer(here.options)
    await producer.start()
    for number, value in enumerate(values):
        await producer.send(AUDIT.name, value, b"acme:7", partition=number % PARTITIONS)
    await producer.stop()


async def _followed(here: Stand, file: Path, entries: int) -> float:
    store = await Store.open(f"sqlite+aiosqlite:///{file}")
    follower = Follower(store, here.options)
    await follower.start()
    begun = monotonic()
    try:
        while sum(link.offset + 1 for link in follower.heads.values()) < entries:
            await follower.step()
        return entries / (monotonic() - begun)
    finally:
        await follower.stop()
        await store.close()


async def _executed(file: Path, rows: Sequence[dict[str, Any]]) -> float:
    """Put `rows` into the same table, which our own store makes."""
    await (await Store.open(f"sqlite+aiosqlite:///{file}")).close()
    names = [column.name for column in ENTRIES.columns]
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    statement = f"INSERT INTO entries ({columns}) VALUES ({places})"  # noqa: S608 - names of our own
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA synchronous=NORMAL")
        begun = monotonic()
        for start in range(0, len(rows), BATCH):
            with database:
                database.executemany(statement, rows[start : start + BATCH])
        return len(rows) / (monotonic() - begun)


def _entry(number: int) -> bytes:
    """Return an entry as deliver writes most of them."""
    command = CommandId(digest("bench", str(number)))
    result = Result(
        command=command,
        outcome=Outcome.APPLIED,
        sobject=SObject.OPPORTUNITY,
        external_id=f"AbC123:{number}",
        version=number,
        salesforce_id=SalesforceId(f"006{number:015}"),
    )
    return encode(
        AuditEntry(
            id=audit_id(Step.DELIVER, Verdict.APPLIED, command),
            connection=ConnectionName("acme"),
            client=ClientId(7 + number % 1000),
            step=Step.DELIVER,
            verdict=Verdict.APPLIED,
            cause=command,
            object=ObjectKind.INVOICE,
            object_id=1 + number,
            result=result,
        )
    )
