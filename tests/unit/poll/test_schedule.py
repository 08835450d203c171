"""Who is polled when."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from app.freshbooks.client import Listed
from app.poll.dues import Dues
from app.poll.poller import Poller
from app.poll.schedule import Schedule, put_off
from streams.domain.connection import Connection
from streams.domain.event import Event
from streams.domain.identity import AccountId, ConnectionName, ObjectKind
from tests.builders.waiting import until
from tests.fakes.freshbooks_lists import FreshBooksLists

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACME = Connection(name=ConnectionName("acme"), freshbooks_account_id=AccountId("x"))
INVOICE = Listed(ObjectKind.INVOICE, 7, "2026-11-22 07:00:00.1|0")
LISTS = 6
"""How many lists a pass asks for: of each kind the living and the deleted."""


class Office:
    """A schedule, its lists, and the events it wrote."""

    def __init__(self) -> None:
        self.lists, self.events = FreshBooksLists(INVOICE), list[Event]()
        self.at = NOON
        self.schedule = Schedule(self._poller, lambda: self.at, again=0.01, glance=0.01)

    def _poller(self, connection: Connection) -> Poller:
        async def produce(events: Sequence[Event]) -> None:
            self.events += events

        dues = Dues(connection.name, self.lists, NOON.date())
        return Poller(connection.name, self.lists, produce, lambda: NOON, NOON, dues)

    async def passes(self, count: int) -> None:
        await until(lambda: len(self.lists.asked) >= count * LISTS)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    yield office
    await office.schedule.stop()


async def test_a_connection_that_is_ours_is_polled_at_once(office: Office) -> None:
    office.schedule.look([ACME], {"acme"})

    await office.passes(1)

    assert [event.object_id for event in office.events] == [7]


@pytest.mark.parametrize(
    ("connection", "ours"),
    [(ACME, set[str]()), (ACME.model_copy(update={"freshbooks_account_id": None}), {"acme"})],
    ids=["of another poller", "not connected"],
)
async def test_what_is_not_ours_or_not_connected_is_left_alone(
    office: Office, connection: Connection, ours: set[str]
) -> None:
    office.schedule.look([connection], ours)
    await asyncio.sleep(0.01)

    assert office.schedule.tasks == {}


async def test_what_is_no_longer_ours_is_polled_no_more(office: Office) -> None:
    office.schedule.look([ACME], {"acme"})
    await office.passes(1)

    office.schedule.look([ACME], set())

    assert office.schedule.tasks == {}


async def test_what_is_no_longer_ours_is_told_once(office: Office) -> None:
    told = list[str]()
    office.schedule.dropped = told.append
    office.schedule.look([ACME], {"acme"})

    office.schedule.look([ACME], set())
    office.schedule.look([ACME], set())

    assert told == ["acme"]


async def test_a_pass_that_is_refused_is_tried_again_soon(office: Office) -> None:
    office.lists.refusals = 2
    office.schedule.look([ACME], {"acme"})

    await until(lambda: bool(office.events))

    assert [event.object_id for event in office.events] == [7]


async def test_a_shorter_interval_is_followed_at_once(office: Office) -> None:
    office.schedule.look([ACME], {"acme"})
    await office.passes(1)

    office.schedule.look([ACME.model_copy(update={"poll_every_seconds": 1})], {"acme"})  # the least there is

    await until(lambda: len(office.lists.asked) > LISTS, 5)


async def test_a_connection_with_times_of_its_own_is_polled_at_these_only(office: Office) -> None:
    office.schedule.look(
        [ACME.model_copy(update={"poll_at": "30 12 * * *", "poll_jitter_seconds": 0})], {"acme"}
    )
    office.at = NOON + timedelta(minutes=29, seconds=59)
    await asyncio.sleep(0.05)
    assert office.lists.asked == []

    office.at += timedelta(seconds=1)
    await office.passes(1)
    await asyncio.sleep(0.05)

    assert len(office.lists.asked) == LISTS


async def test_a_restart_while_a_pass_was_put_off_by_chance_does_not_lose_it(office: Office) -> None:
    office.at = NOON + timedelta(minutes=30, seconds=20)

    office.schedule.look(
        [ACME.model_copy(update={"poll_at": "30 12 * * *", "poll_jitter_seconds": 60})], {"acme"}
    )

    await office.passes(1)


async def test_who_gets_times_while_an_interval_runs_follows_them_at_once(office: Office) -> None:
    office.schedule.look([ACME], {"acme"})
    await office.passes(1)

    office.schedule.look(
        [ACME.model_copy(update={"poll_at": "* * * * *", "poll_jitter_seconds": 0})], {"acme"}
    )
    office.at += timedelta(minutes=1)

    await office.passes(2)


async def test_a_pass_that_fails_at_its_time_is_tried_again_soon_and_not_at_the_next_time(
    office: Office,
) -> None:
    office.lists.refusals = 2
    office.schedule.look(
        [ACME.model_copy(update={"poll_at": "30 12 * * *", "poll_jitter_seconds": 0})], {"acme"}
    )

    await asyncio.sleep(0)
    office.at += timedelta(minutes=30)
    await until(lambda: len(office.lists.asked) > 0)
    office.at += timedelta(seconds=1)

    await until(lambda: bool(office.events))


@pytest.mark.parametrize(
    ("jitter", "rest", "chance", "due"),
    [(60, 900, 0, 900), (60, 900, 1, 960), (60, 100, 1, 110), (0, 900, 1, 900), (60, 900, 0.5, 930)],
)
def test_jitter_puts_a_pass_off_by_a_tenth_of_the_rest_at_most(
    jitter: int, rest: float, chance: float, due: float
) -> None:
    assert put_off(ACME.model_copy(update={"poll_jitter_seconds": jitter}), rest, chance) == due


async def test_a_bug_is_no_pass_that_failed_but_ends_the_poller(office: Office) -> None:
    office.lists.broken = True
    office.schedule.look([ACME], {"acme"})
    await asyncio.wait(office.schedule.tasks.values())

    with pytest.raises(ZeroDivisionError):
        office.schedule.look([ACME], {"acme"})
