"""Questions to the log: one walk through it answers all who asked by then."""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import pytest
import stamina
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from app.kafka.failures import KafkaAway
from app.kafka.partition import partition_of
from app.worker import history
from app.worker.history import History, Newest, Wanted, may_tell, numbers_of, places_of, take
from streams.codec import encode
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from tests.builders.records import ACME, a_client, a_record, an_invoice

CLIENT, INVOICE = ObjectKind.CLIENT, ObjectKind.INVOICE
OTHER = ConnectionName("acme-two")


@dataclass
class Log:
    """A log that is walked through as slowly as the test likes."""

    records: list[Record] = field(default_factory=list)
    walks: list[AbstractSet[Wanted]] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def walk(self, asked: AbstractSet[Wanted]) -> Newest:
        self.walks.append(asked)
        found, there = Newest(), [*self.records]
        await self.may_end.wait()
        for record in there:
            take(found, asked, record)
        return found


async def begun(log: Log, walks: int) -> None:
    async with asyncio.timeout(5):
        while len(log.walks) < walks:  # noqa: ASYNC110 - rings no bell
            await asyncio.sleep(0)


async def test_all_who_ask_before_the_walk_begins_are_answered_by_one() -> None:
    seven, bill = a_record(a_client(7)), a_record(an_invoice(31))
    log = Log([seven, bill])
    asked = History(log.walk)
    log.may_end.set()

    wanted = (CLIENT, 7), (INVOICE, 31), (CLIENT, 31)
    found = await asyncio.gather(*(asked.newest(ACME, kind, number) for kind, number in wanted))

    assert found == [seven, bill, None]
    assert len(log.walks) == 1


async def test_who_asks_while_a_walk_lasts_is_answered_by_the_next_one_with_what_was_written_meanwhile() -> (
    None
):
    log = Log([a_record(a_client(7))])
    asked = History(log.walk)
    first = asyncio.ensure_future(asked.newest(ACME, CLIENT, 7))
    await begun(log, 1)
    log.records.append(a_record(a_client(7, organization="New"), at=5))
    later = [asyncio.ensure_future(asked.newest(ACME, CLIENT, number)) for number in (7, 8)]
    await asyncio.sleep(0)
    assert len(log.walks) == 1

    log.may_end.set()

    assert await first == log.records[0]
    assert await asyncio.gather(*later) == [log.records[1], None]
    assert log.walks[1:] == [{(ACME, CLIENT, 7), (ACME, CLIENT, 8)}]


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    log = Log([a_record(a_client(7))])
    asked = History(log.walk)
    impatient, patient = (asyncio.ensure_future(asked.newest(ACME, CLIENT, 7)) for _ in range(2))
    await begun(log, 1)

    impatient.cancel()
    log.may_end.set()

    assert await patient == log.records[0]


async def test_a_walk_that_kafka_cuts_off_begins_again_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    async def bounds(*_: object) -> dict[TopicPartition, tuple[int, int]]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise KafkaAway(why="NodeNotReadyError")
        return {}

    monkeypatch.setattr(history, "bounds", bounds)

    with stamina.set_testing(True, attempts=2), capture_logs() as said:
        found = await history.walk({}, 4, {(ACME, CLIENT, 7)})

    assert (found, tries) == ({}, 2)
    assert [it["event"] for it in said if it["event"].startswith("history")] == ["history-walked-again"]


def test_a_client_is_looked_for_in_its_own_partition_and_an_invoice_in_all() -> None:
    assert places_of({(ACME, CLIENT, 7)}, 8) == [partition_of(b"acme:7", 8)]
    assert places_of({(ACME, CLIENT, 7), (ACME, INVOICE, 31)}, 8) == [*range(8)]


def test_what_cannot_be_meant_is_told_by_its_bytes() -> None:
    numbers = numbers_of({(ACME, CLIENT, 7), (ACME, INVOICE, 31)})

    def told(record: Record) -> bool:
        return may_tell(record.key.encode(), encode(record), numbers)

    tricky = a_client(71, organization='"object_id":7,')
    assert [told(a_record(it)) for it in (a_client(7), an_invoice(31, client=9))] == [True, True]
    assert [told(a_record(it)) for it in (tricky, a_client(70), an_invoice(32, client=7))] == [False] * 3
    assert not told(a_record(a_client(7)).model_copy(update={"connection": OTHER}))
    assert not may_tell(None, None, numbers)


def test_an_invoice_that_went_to_another_client_is_what_that_one_has() -> None:
    here = a_record(an_invoice(31, client=8))
    away = a_record(Gone(moved_to=ClientId(8)), at=9, kind=INVOICE, number=31, client=7)
    found, asked = Newest(), {(ACME, INVOICE, 31)}

    for record in (here, away, a_record(an_invoice(32), at=10)):
        take(found, asked, record)

    assert found == {(ACME, INVOICE, 31): here}
