"""What a replay takes again, what it passes by, and what it forces."""

import pytest

from streams.codec import encode
from streams.domain.identity import ObjectKind
from streams.domain.message import Value
from streams.domain.place import Place
from streams.domain.replay import Replay, Source
from streams.loop.contract import Delivery
from streams.loop.rewind import NO_REWIND, Rewind
from streams.topics import COMMANDS, EVENTS, RECORDS
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.records import a_client, a_payment, a_record, an_invoice
from tests.builders.replays import NOON, a_replay

HERE = (RECORDS.name, 0)
SALE = a_record(an_invoice(31, client=7))


def a_rewind(replay: Replay | None = None) -> Rewind:
    found = Rewind.of(replay or a_replay(), HERE)
    assert found
    return found


def at(offset: int, message: Value = SALE, key: str = "") -> Delivery:
    place = Place(topic=RECORDS.name, partition=0, offset=offset)
    named = key or message.key  # type: ignore[attr-defined]  # every message here has a key
    return Delivery(place, named.encode(), encode(message), NOON)


def test_what_the_replay_is_about_is_taken_again_up_to_its_end_and_new_things_always() -> None:
    rewind = a_rewind()

    assert [rewind.skips(at(offset)) for offset in (2, 5, 6, 7, 8, 9)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_other_connections_are_passed_by_until_what_was_not_done_before() -> None:
    rewind = a_rewind()

    assert [rewind.skips(at(offset, key="other:7")) for offset in (2, 7, 8)] == [True, True, False]


@pytest.mark.parametrize(
    ("only", "taken"),
    [("", [True] * 4), ("client:7", [True, True, False, True]), ("invoice:31", [False, True, False, True])],
)
def test_of_a_connection_only_what_was_named_is_taken(only: str, taken: list[bool]) -> None:
    rewind = a_rewind(a_replay(only=only))
    records = (
        a_client(7),
        an_invoice(31, client=7),
        an_invoice(32, client=8),
        a_payment(invoice=31, client=7),
    )

    assert [not rewind.skips(at(3, a_record(it))) for it in records] == taken


def test_what_cannot_be_read_is_passed_by_where_one_has_to_look_inside() -> None:
    broken = Delivery(at(3).place, b"acme:7", b"{", NOON)

    assert a_rewind(a_replay(only="invoice:31")).skips(broken)
    assert not a_rewind().skips(broken)


def test_a_forced_replay_stamps_its_own_messages_and_no_others() -> None:
    rewind = a_rewind(a_replay(only="client:7", forced=True))

    assert rewind.stamped(SALE, 3).nonce == "006b0ac2403f29c6"
    assert rewind.stamped(SALE, 6) is SALE
    assert rewind.stamped(a_record(an_invoice(client=8)), 3).nonce == ""
    assert a_rewind().stamped(SALE, 3) is SALE


def test_events_are_chosen_by_their_object_and_commands_by_their_client() -> None:
    events = Rewind.of(a_replay(only="invoice:31", source=Source.EVENTS, forced=True), (EVENTS.name, 0))
    commands = Rewind.of(a_replay(only="client:7", source=Source.COMMANDS, forced=True), (COMMANDS.name, 0))
    assert events
    assert commands

    assert events.stamped(an_event(ObjectKind.INVOICE, 31), 3).nonce
    assert not events.stamped(an_event(ObjectKind.INVOICE, 32), 3).nonce
    assert events.skips(at(3, an_event(ObjectKind.INVOICE, 310)))
    assert commands.stamped(a_command(client=7), 3).nonce
    assert commands.skips(at(3, a_command(client=8)))


def test_a_replay_has_no_part_in_other_partitions_or_before_its_offsets_moved() -> None:
    assert Rewind.of(a_replay(), (RECORDS.name, 1)) is None
    assert Rewind.of(a_replay(), (COMMANDS.name, 0)) is None
    assert Rewind.of(a_replay(a_replay().stretches[0].model_copy(update={"passed": 0})), HERE) is None


def test_without_a_replay_nothing_is_passed_by_and_nothing_forced() -> None:
    assert not NO_REWIND.skips(at(0))
    assert NO_REWIND.stamped(SALE, 0) is SALE
