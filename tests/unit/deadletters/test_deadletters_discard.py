"""What a discard tells the step that sends rows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.deadletters import discard as discarding
from app.deadletters.discard import GoneFromKafka, discard, waived
from app.deadletters.said import By
from app.kafka import log
from app.view.closings import Closing
from app.view.letters import Letter
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command
from streams.domain.identity import ObjectKind
from streams.topics import AUDIT, COMMANDS
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk
from tests.builders.events import an_event
from tests.builders.letters import NOON, again, buried, buried_row, buried_unread
from tests.fakes.kafka_letters import KafkaLetters

ROW = a_command(version=4)
BY = By(NOON, "ann", "a test client")


@dataclass
class Taken:
    """A producer that takes all it is given."""

    sent: list[tuple[str, bytes, bytes, int | None]] = field(default_factory=list)

    async def send(
        self, topic: str, value: bytes, key: bytes, partition: int | None = None, **_: Any
    ) -> "asyncio.Future[None]":
        self.sent.append((topic, value, key, partition))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def stand_in(monkeypatch: pytest.MonkeyPatch, *kept: bytes) -> Taken:
    """Let Kafka hold these letters."""
    taken = Taken()

    @asynccontextmanager
    async def producing(_: Any) -> AsyncIterator[Taken]:
        yield taken

    monkeypatch.setattr(log, "AIOKafkaConsumer", lambda **_: KafkaLetters(*kept))
    monkeypatch.setattr(discarding, "producing", producing)
    return taken


def topics(taken: Taken) -> Sequence[str]:
    return [topic for topic, *_ in taken.sent]


def letter_of(command: Command, partition: int = 0) -> tuple[bytes, Letter]:
    letter, entry = buried_row(command, partition=partition)
    return encode(letter), again(letter, entry).told


async def test_a_row_is_waived_in_its_own_partition_and_the_audit_says_who_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw, letter = letter_of(ROW, partition=3)
    taken = stand_in(monkeypatch, raw)

    await discard({}, [letter], BY)

    (_, value, key, partition), (_, said, *_) = taken.sent
    entry = decode(AuditEntry, said)
    assert topics(taken) == [COMMANDS.name, AUDIT.name]
    assert (decode(Command, value).waived, key, partition) == (True, ROW.key.encode(), 3)
    assert (entry.verdict, entry.rule, entry.details["actor"]) == (Verdict.DISCARDED, BY.reason, "ann")


async def test_a_row_whose_letter_is_gone_is_not_said_to_be_discarded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw, letter = letter_of(ROW)
    _, other = letter_of(a_command(number=8, client=8))
    taken = stand_in(monkeypatch, raw)

    with pytest.raises(GoneFromKafka, match="f" * 32) as refused:
        await discard({}, [letter, replace(other, id="f" * 32)], BY)

    assert "replay preview" in refused.value.mend
    assert taken.sent == []


async def test_a_closed_letter_that_is_gone_needs_no_word_to_be_discarded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = stand_in(monkeypatch)
    closed = replace(letter_of(ROW)[1], closed=Closing(NOON, "overtaken", "version 5 went through"))

    await discard({}, [closed], BY)

    assert topics(taken) == [AUDIT.name]


async def test_an_older_letter_that_is_gone_hinders_nobody_for_nothing_waits_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw, newest = letter_of(ROW)
    older = replace(letter_of(a_command(version=3))[1], id="f" * 32, newer=newest.id)
    taken = stand_in(monkeypatch, raw)

    await discard({}, [older, newest], BY)

    assert topics(taken) == [COMMANDS.name, AUDIT.name, AUDIT.name]


async def test_what_is_no_row_is_discarded_without_a_look_at_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = stand_in(monkeypatch)

    await discard({}, [again(*buried(an_event(ObjectKind.INVOICE, 123))).told], BY)

    assert topics(taken) == [AUDIT.name]


def test_a_discarded_row_goes_back_as_its_own_command_marked_waived() -> None:
    assert waived(buried_row(ROW)[0]) == ROW.model_copy(update={"waived": True})


def test_what_never_became_a_row_needs_no_word() -> None:
    assert waived(buried(an_event(ObjectKind.INVOICE, 123))[0]) is None
    assert waived(buried_unread(b"no message")[0]) is None


async def test_a_row_that_went_through_after_all_is_not_undone_by_a_late_discard() -> None:
    desk = Desk()
    await desk.tell(ROW)

    command = waived(buried_row(ROW)[0])
    assert command is not None

    assert await desk.tell(command) == [Verdict.SUPERSEDED]
    assert len(desk.calls) == 1
    assert await desk.tell(ROW) == [Verdict.UNCHANGED]
