"""A worker knows how many rows wait, for whom and behind what, without looking at each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.worker.parked import ParkedRows, parked
from app.worker.stores import Partitions, Rows
from streams.domain.command import Command
from streams.loop.journal import Journal
from streams.steps.parked_count import Behind
from streams.topics import LEDGER, PARKED
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import (
    ACCOUNT,
    CONTACT,
    FAILED,
    ITS_PARENT,
    NO,
    OPPORTUNITY,
    OTHER_SALE,
    SALE,
    discarded,
    retry,
)

SPOT = "changelog", 0
BEHIND_FAILED, ITS_ACCOUNT = ("acme", Behind.FAILED_ROW), ("acme", Behind.ACCOUNT)


def a_desk() -> Desk:
    """A desk whose parked commands lie as they do in a worker."""
    return Desk(parked=Journal(ParkedRows(), SPOT))


@pytest.fixture
async def desk() -> Desk:
    """A desk at which a Contact was refused, of a client whose Account is there."""
    desk = a_desk()
    await desk.tell(a_command(ACCOUNT))
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(FAILED)
    return desk


def told(desk: Desk) -> dict[tuple[str, Behind], int]:
    assert isinstance(desk.parked, Journal)
    assert isinstance(desk.parked.store, ParkedRows)
    return dict(desk.parked.store.count.of)


async def test_a_failed_row_behind_which_nothing_waits_yet_counts_nothing(desk: Desk) -> None:
    assert told(desk) == {}


async def test_each_row_that_waits_behind_a_failed_one_counts_once(desk: Desk) -> None:
    await desk.tell(SALE, OTHER_SALE, SALE.model_copy(update={"version": 9}))

    assert told(desk) == {BEHIND_FAILED: 2}


async def test_once_the_failed_row_is_seen_to_and_all_went_through_nothing_counts(desk: Desk) -> None:
    await desk.tell(SALE, OTHER_SALE)

    await desk.tell(discarded(FAILED))
    await desk.go_round()

    assert told(desk) == {}


async def test_what_only_misses_its_account_counts_apart() -> None:
    desk = a_desk()
    desk.org.refuse("p7rQW5:31", ITS_PARENT)

    await desk.tell(SALE)

    assert told(desk) == {ITS_ACCOUNT: 1}


async def test_a_worker_that_takes_over_counts_what_it_loads(desk: Desk) -> None:
    await desk.tell(SALE, OTHER_SALE)
    table = Partitions(PARKED, ParkedRows)
    store = table.come(0).store
    assert isinstance(store, ParkedRows)

    store.load(desk.parked.items())
    assert parked((Partitions(LEDGER, Rows), table)) == {BEHIND_FAILED: 2}
    store.load([(key, None) for key in desk.parked])
    assert parked((table,)) == {}


def test_a_partition_that_went_to_another_worker_counts_there() -> None:
    table = Partitions(PARKED, ParkedRows)
    for partition in (0, 1):
        table.come(partition).store[b"acme:7:r:" + bytes(16)] = b"a command"
    assert parked((table,)) == {ITS_ACCOUNT: 2}

    table.drop(1)

    assert parked((table,)) == {ITS_ACCOUNT: 1}


def test_what_a_failed_step_is_undone_of_counts_no_more() -> None:
    rows = ParkedRows()
    journal = Journal(rows, SPOT)
    journal[b"acme:7:r:" + bytes(16)] = b"a command"
    journal[b"acme:7:f"] = b'[{"00":1},["",[-1,-1],[-1,-1],""]]'
    assert rows.count.of == {BEHIND_FAILED: 1}

    journal.undo()

    assert rows.count.of == {}


SENT = st.builds(
    a_command,
    st.sampled_from((ACCOUNT, CONTACT, OPPORTUNITY)),
    client=st.sampled_from((7, 8)),
    version=st.integers(1, 6),
)
MORNINGS = st.lists(
    st.tuples(
        SENT, st.sampled_from(("goes", "is refused", "misses its Account", "is retried", "is discarded"))
    ),
    max_size=15,
)


def played(desk: Desk, command: Command, how: str) -> Command:
    match how:
        case "is refused":
            desk.org.refuse(command.external_id, NO)
        case "misses its Account":
            desk.org.refuse(command.external_id, ITS_PARENT)
        case "is retried":
            return retry(command)
        case "is discarded":
            return discarded(command)
    return command


@given(MORNINGS)
@settings(max_examples=60, deadline=None)
async def test_after_any_morning_the_count_is_what_counting_anew_comes_to(
    morning: list[tuple[Command, str]],
) -> None:
    desk = a_desk()

    for command, how in morning:
        await desk.bury(played(desk, command, how))
        back, desk.back = desk.back, []
        await desk.bury(*back)

    anew = ParkedRows()
    anew.load(reversed([*desk.parked.items()]))
    assert told(desk) == dict(anew.count.of)
    assert sum(told(desk).values()) == sum(b":r:" in key for key in desk.parked)
