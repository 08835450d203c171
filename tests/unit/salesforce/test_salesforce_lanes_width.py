"""Several lanes: as many as the org bears, no client in two of them, batches as full as they can be."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import orjson
import pytest

from app.salesforce.lanes.pace import Pace
from app.salesforce.wire.wire import Reply, Request
from streams.ports import Applied
from tests.builders.lanes import Rows, all_of, lanes_to, objects
from tests.builders.salesforce import a_contact, a_failed_row, a_reply, an_account, an_error, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

KEY = "FreshBooks_Client_Id__c"


@dataclass
class Watched:
    """A wire that takes its time, and remembers who was on it together."""

    wire: FakeWire
    latency: float = 1.0
    out: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    most: int = 0
    """Calls at a time, at the most."""
    at: list[tuple[float, int]] = field(default_factory=list)
    """When each batch left, with how many rows."""

    async def __call__(self, request: Request) -> Reply:
        if "/composite/" not in request.url:
            return await self.wire(request)
        records = orjson.loads(request.body or b"")["records"]
        clients = {record.get("Account", record)[KEY] for record in records}
        self.out.update(clients)
        assert max(self.out.values()) == 1, "a client in two lanes at a time"
        self.calls += 1
        self.most = max(self.most, self.calls)
        self.at.append((asyncio.get_running_loop().time(), len(records)))
        await asyncio.sleep(self.latency)
        self.calls -= 1
        self.out.subtract(clients)
        return await self.wire(request)


def test_a_backlog_opens_lanes_one_a_round() -> None:
    watched = Watched(FakeWire())

    answers = simulate(all_of(lanes_to(watched), *(an_account(client) for client in range(1, 2001))))

    assert all(isinstance(answer, Applied) for answer in answers)
    assert Counter(round(at) for at, _ in watched.at) == {0: 1, 1: 2, 2: 3, 3: 4}
    assert {rows for _, rows in watched.at} == {200}


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_the_bound_holds(lanes: int) -> None:
    watched = Watched(FakeWire())

    simulate(all_of(lanes_to(watched, lanes_per_org=lanes), *(an_account(c) for c in range(1, 4001))))

    assert watched.most == lanes


def test_a_client_with_very_many_rows_is_in_one_lane_at_a_time() -> None:
    watched = Watched(FakeWire())
    rows = [
        an_account(1),
        *(an_opportunity(n, 1) for n in range(10, 1010)),
        *(an_account(c) for c in range(2, 900)),
    ]

    answers = simulate(all_of(lanes_to(watched), *rows))

    assert all(isinstance(answer, Applied) for answer in answers)
    assert watched.most > 1


def test_contacts_and_invoices_of_a_client_never_share_the_wire() -> None:
    watched = Watched(FakeWire())
    rows = [
        row for c in range(1, 601) for row in (an_account(c), a_contact(c, c), an_opportunity(c + 5000, c))
    ]

    answers = simulate(all_of(lanes_to(watched), *rows))

    assert all(isinstance(answer, Applied) for answer in answers)
    assert objects(watched.wire)[0][0] == "Account"


def test_locked_rows_close_lanes() -> None:
    wire = FakeWire()
    watched = Watched(wire)

    def judge(_: str, records: Rows) -> list[object]:
        locked = 4.5 < asyncio.get_running_loop().time() < 5.5
        return [
            a_failed_row("UNABLE_TO_LOCK_ROW", "locked") if locked and not at else None
            for at, _ in enumerate(records)
        ]

    wire.judge = judge
    simulate(all_of(lanes_to(watched), *(an_account(client) for client in range(1, 6001))))

    together = Counter(int(at) for at, rows in watched.at if rows == 200)
    assert (together[4], together[5]) == (4, 2)


def test_an_overloaded_org_is_asked_by_fewer_lanes() -> None:
    wire = FakeWire()
    watched = Watched(wire)
    busy = a_reply(403, an_error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."))
    wire.judge = lambda _, __: busy if 3.5 < asyncio.get_running_loop().time() < 4.5 else None

    simulate(all_of(lanes_to(watched), *(an_account(client) for client in range(1, 6001))))

    together = Counter(int(at) for at, _ in watched.at)
    assert (together[3], together[4]) == (4, 2)


def test_lanes_that_find_the_description_old_ask_for_it_once() -> None:
    wire = FakeWire()

    async def slow(_: Request) -> None:
        await asyncio.sleep(1)

    async def story() -> None:
        lanes = lanes_to(wire)
        await all_of(lanes, *(an_account(client) for client in range(1, 2001)))
        await asyncio.sleep(4000)
        wire.delay = slow
        await all_of(lanes, *(an_account(client, version=2) for client in range(1, 2001)))

    simulate(story())

    assert wire.describes["Account"] == 2


def test_a_trickle_keeps_to_one_lane_whose_batches_gather_while_it_is_out() -> None:
    watched = Watched(FakeWire(), latency=0.5)

    async def story() -> None:
        lanes = lanes_to(watched)
        async with asyncio.TaskGroup() as tasks:
            for client in range(1, 1001):
                tasks.create_task(lanes.write(an_account(client)))
                await asyncio.sleep(0.01)

    simulate(story())

    assert watched.most == 1
    assert len(watched.at) <= 22


def test_a_full_batch_goes_at_once() -> None:
    watched = Watched(FakeWire(), latency=0.0)

    simulate(
        all_of(lanes_to(watched, pace=Pace(linger=60, pause=60)), *(an_account(c) for c in range(1, 201)))
    )

    assert watched.at[0][0] < 0.001
    assert [rows for _, rows in watched.at] == [200]


def test_a_row_waits_for_its_deadline_while_others_keep_coming_and_no_longer() -> None:
    watched = Watched(FakeWire(), latency=0.0)

    async def story() -> None:
        lanes = lanes_to(watched, pace=Pace(linger=0.4, pause=0.05))
        async with asyncio.TaskGroup() as tasks:
            for client in range(1, 21):
                tasks.create_task(lanes.write(an_account(client)))
                await asyncio.sleep(0.04)

    simulate(story())

    assert 0.35 <= watched.at[0][0] <= 0.46


def test_an_idle_lane_sends_what_there_is() -> None:
    watched = Watched(FakeWire(), latency=0.0)

    simulate(all_of(lanes_to(watched, pace=Pace(linger=60)), an_account(1), an_account(2)))

    assert watched.at[0][0] == pytest.approx(0.005, abs=0.001)
    assert [rows for _, rows in watched.at] == [2]


def test_rows_in_a_batch_are_sorted_by_their_parent() -> None:
    wire = FakeWire()
    simulate(all_of(lanes_to(wire), *(an_account(c) for c in range(1, 10))))

    simulate(all_of(lanes_to(wire), *(an_opportunity(n, 1 + n % 9) for n in range(10, 60))))

    parents = [record["Account"][KEY] for record in wire.upserts[-1][1]]
    assert parents == sorted(parents)
