"""Messages that cannot be handled: buried whole, and not too many of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Refused
from streams.domain.event import Event
from streams.domain.message import Value
from streams.domain.place import Place
from streams.domain.result import Outcome
from streams.loop.burial import Burials, TooManyBurials, bury, name_of
from streams.loop.contract import Delivery
from streams.loop.envelope import address, headers
from streams.loop.limits import Limits
from streams.ports import State
from streams.topics import AUDIT, COMMANDS, DEADLETTERS, EVENTS, LEDGER
from tests.builders.commands import a_command
from tests.builders.pump_scene import HERE, Scene, say, says_but
from tests.builders.traffic import an_event, noted
from tests.fakes.broker import EPOCH


async def test_unreadable_bytes_become_a_dead_letter_with_their_place_and_the_work_goes_on() -> None:
    scene = Scene(say)
    scene.send(an_event(0), b"\xffnot json", an_event(2))

    await scene.run()

    (_, raw, _), *rest = scene.broker.topic(DEADLETTERS.name)
    letter = decode(DeadLetter, raw)
    assert (letter.original, letter.place.offset, letter.code) == (b"\xffnot json", 1, "undecodable")
    assert letter.connection == "north"
    assert not rest
    assert scene.committed == 3
    assert scene.said() == ["0", f"{EVENTS.name}/0/1", "2"]


async def test_a_message_that_a_step_refuses_is_buried_and_the_step_changed_nothing() -> None:
    scene = Scene(says_but({"1": Refused("no such field", mend="add it", code="no-field")}))
    scene.send(*map(an_event, range(3)))

    await scene.run()

    letter = decode(DeadLetter, scene.broker.topic(DEADLETTERS.name)[0][1])
    assert (letter.code, letter.reason, letter.mend) == ("no-field", "no such field", "add it")
    assert scene.broker.table((LEDGER.changelog, 0)) == {b"0": b"touched", b"2": b"touched"} == scene.store
    entries = [decode(AuditEntry, value) for _, value, _ in scene.broker.topic(AUDIT.name)]
    assert [entry.verdict for entry in entries] == [
        Verdict.TRANSLATED,
        Verdict.DEAD_LETTER,
        Verdict.TRANSLATED,
    ]
    assert entries[1].caused == (letter.id,)


async def test_a_step_that_is_told_of_a_burial_may_put_its_tables_right() -> None:
    class Forgetful:
        def __init__(self, table: State) -> None:
            self.table = table

        def __call__(self, event: Event) -> Iterator[Value]:
            self.table[event.id.encode()] = b"waits"
            if event.id == "1":
                message = "no such field"
                raise Refused(message)
            yield noted(event)

        def buried(self, event: Event) -> None:
            assert event.id.encode() not in self.table, "what the failed step changed is undone first"
            del self.table[b"0"]

    scene = Scene(Forgetful)
    scene.send(*map(an_event, range(2)))

    await scene.run()

    assert scene.committed == 2
    assert scene.broker.table((LEDGER.changelog, 0)) == {} == scene.store


async def test_a_bug_is_buried_without_a_word_of_the_payload() -> None:
    scene = Scene(says_but({"1": KeyError("jane@example.com")}))
    scene.send(*map(an_event, range(2)))

    await scene.run()

    letter = decode(DeadLetter, scene.broker.topic(DEADLETTERS.name)[0][1])
    assert letter.code == "bug"
    assert letter.reason.startswith("KeyError in step (pump_scene.py:")
    assert "jane" not in letter.reason


async def test_a_run_of_burials_stops_the_worker_before_the_last_one_is_acknowledged() -> None:
    scene = Scene(say, burials=Burials(run=5), limits=Limits(linger=10, window=1))
    scene.send(an_event(0), *[b"nonsense"] * 20)

    await scene.run()

    assert isinstance(scene.killed[0], TooManyBurials)
    assert "5 messages in a row" in str(scene.killed[0])
    assert scene.committed < 1 + 5


async def test_a_share_of_burials_stops_the_worker_too() -> None:
    scene = Scene(say, burials=Burials(run=5, ratio=0.4, span=20))
    mixed: list[Event | bytes] = [an_event(), b"nonsense"]
    scene.send(*mixed * 20)

    await scene.run()

    assert isinstance(scene.killed[0], TooManyBurials)
    assert "of the last 20" in str(scene.killed[0])


async def test_a_dead_letter_of_a_message_without_a_key_keeps_it_keyless() -> None:
    scene = Scene(say)
    scene.broker.append(HERE, [(None, None, ())])

    await scene.run()

    key, raw, its = scene.broker.topic(DEADLETTERS.name)[0]
    letter = decode(DeadLetter, raw)
    assert key is None
    assert letter.original is None
    assert address(letter) == (DEADLETTERS.name, None)
    assert its == headers(letter)


async def test_an_output_or_a_table_row_that_kafka_would_refuse_for_its_size_is_buried() -> None:
    def make(table: State) -> Callable[[Event], Iterator[Value]]:
        def step(event: Event) -> Iterator[Value]:
            table[b"row"] = b"x" * (2000 if event.id == "1" else 10)
            yield noted(event, rule="y" * (2000 if event.id == "2" else 10))

        return step

    scene = Scene(make, limits=Limits(record=1000, linger=0.001))
    scene.send(*map(an_event, range(4)))

    await scene.run()

    letters = [decode(DeadLetter, value) for _, value, _ in scene.broker.topic(DEADLETTERS.name)]
    assert [(letter.place.offset, letter.code) for letter in letters] == [(1, "too-large"), (2, "too-large")]
    assert scene.store == {b"row": b"x" * 10}
    assert scene.committed == 4


def test_a_buried_command_says_which_row_stays_behind() -> None:
    command = a_command()
    place = Place(topic=COMMANDS.name, partition=0, offset=4)
    delivery = Delivery(place, command.key.encode(), encode(command), EPOCH)

    _, entry = bury(Step.DELIVER, delivery, command, Refused("no such stage", code="bad-stage"))

    assert isinstance(entry, AuditEntry)
    assert entry.result is not None
    assert (entry.result.outcome, entry.result.code) == (Outcome.DEAD_LETTER, "bad-stage")
    assert (entry.result.external_id, entry.mapping) == (command.external_id, command.mapping)
    assert (entry.client, entry.cause) == (command.client, command.id)


async def test_what_was_too_old_to_try_between_burials_does_not_make_them_fewer_in_a_row() -> None:
    def superseded(_: State) -> Callable[[Event], Iterator[Value]]:
        def step(event: Event) -> Iterator[Value]:
            yield noted(event).model_copy(update={"verdict": Verdict.SUPERSEDED})

        return step

    scene = Scene(superseded, burials=Burials(run=5))
    mixed: list[Event | bytes] = [an_event(), b"nonsense"]
    scene.send(*mixed * 20)

    await scene.run()

    assert isinstance(scene.killed[0], TooManyBurials)


def test_one_row_that_is_refused_state_after_state_is_counted_once() -> None:
    burials = Burials(run=5, ratio=0.2, span=10)
    for version in range(100):
        burials.buried(Step.DELIVER, "INVALID_EMAIL", name_of_row(a_command(version=version)))
        if version % 3:
            burials.passed()


def test_as_many_rows_that_are_refused_in_a_row_stop_the_worker() -> None:
    burials = Burials(run=5)
    *first, last = (name_of_row(a_command(number=number)) for number in range(5))
    for each in first:
        burials.buried(Step.DELIVER, "INVALID_EMAIL", each)

    with pytest.raises(TooManyBurials):
        burials.buried(Step.DELIVER, "INVALID_EMAIL", last)


def test_a_row_that_fails_again_after_a_long_time_counts_anew() -> None:
    burials = Burials(run=2, ratio=1.0, span=3)
    burials.buried(Step.DELIVER, "INVALID_EMAIL", "one")
    for _ in range(3):
        burials.passed()
    burials.buried(Step.DELIVER, "INVALID_EMAIL", "one")

    with pytest.raises(TooManyBurials):
        burials.buried(Step.DELIVER, "INVALID_EMAIL", "another")


def name_of_row(command: Command) -> str:
    place = Place(topic=COMMANDS.name, partition=0, offset=command.version)
    return name_of(Delivery(place, command.key.encode(), encode(command), EPOCH), command)


def buried(message: Event, offset: int, error: Exception | None = None) -> tuple[str, str]:
    """Bury a message that stands at `offset`; return the ids of the letter and of what the audit says."""
    place = Place(topic=EVENTS.name, partition=0, offset=offset)
    delivery = Delivery(place, b"key", encode(message), EPOCH)
    letter, entry = bury(Step.FETCH, delivery, message, error or Refused("no", mend="", code="no"))
    assert isinstance(letter, DeadLetter)
    assert isinstance(entry, AuditEntry)
    return letter.id, entry.id


def test_what_a_poller_without_memory_says_again_makes_no_second_letter() -> None:
    event = an_event(1)
    later = event.model_copy(update={"received_at": event.received_at + timedelta(days=1)})

    assert buried(event, 1) == buried(later, 2)
    assert buried(an_event(2), 2) != buried(event, 2)


def test_an_event_that_fails_again_for_another_cause_is_another_letter() -> None:
    event = an_event(1)

    first = buried(event, 1, Refused("no", mend="", code="no"))

    assert buried(event, 2, Refused("no any more", mend="", code="no")) == first
    assert buried(event, 2, Refused("no", mend="", code="gone")) != first


def test_two_mistakes_of_ours_about_one_event_are_two_letters() -> None:
    event = an_event(1)

    assert buried(event, 1, KeyError("jane")) == buried(event, 2, KeyError("joe"))
    assert buried(event, 1, KeyError("jane")) != buried(event, 2, ValueError("jane"))


def test_each_burial_of_a_row_is_a_letter_of_its_own_for_it_holds_back_its_client() -> None:
    command = a_command()
    places = [Place(topic=COMMANDS.name, partition=0, offset=offset) for offset in (1, 2)]

    first, second = (
        next(
            bury(Step.DELIVER, Delivery(it, b"key", encode(command), EPOCH), command, Refused("no", mend=""))
        )
        for it in places
    )

    assert isinstance(first, DeadLetter)
    assert isinstance(second, DeadLetter)
    assert first.id != second.id


def test_what_a_person_had_tried_again_in_vain_is_a_letter_of_its_own() -> None:
    event = an_event(1)

    assert buried(event.model_copy(update={"nonce": "00000000000000aa"}), 2) != buried(event, 1)


async def test_what_only_waits_between_burials_does_not_make_them_fewer_in_a_row() -> None:
    def waits(_: State) -> Callable[[Event], Iterator[Value]]:
        def step(event: Event) -> Iterator[Value]:
            yield noted(event).model_copy(update={"verdict": Verdict.PARKED})

        return step

    scene = Scene(waits, burials=Burials(run=5))
    mixed: list[Event | bytes] = [an_event(), b"nonsense"]
    scene.send(*mixed * 20)

    await scene.run()

    assert isinstance(scene.killed[0], TooManyBurials)
    assert "5 messages in a row" in str(scene.killed[0])
