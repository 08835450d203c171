"""Orders that people made after their invoices were carried become events, each once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from app.poll.findings import Told
from app.poll.ordered import Ordered
from app.salesforce.reads.unfilled import Unfilled
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Refused, Unreachable
from streams.domain.event import EventSource
from streams.domain.identity import ObjectKind, SalesforceId
from streams.mapping.reading import default_text
from streams.mapping.sheet import Sheet
from tests.builders.records import A_CONNECTION
from tests.fakes.event_log import EventLog

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AN_ORDER = Unfilled(SalesforceId("801000000000001AAA"), "p7rQW5:31")
ANOTHER = Unfilled(SalesforceId("801000000000002AAA"), "p7rQW5:32")


@dataclass
class FakeOrders:
    """An org's unfilled Orders, on pages; or why it does not show them."""

    pages: list[list[Unfilled]]
    fails: FreshforceError | None = None
    asked: list[datetime] = field(default_factory=list)

    async def since(self, _: Connection, __: Sheet, moment: datetime) -> AsyncIterator[list[Unfilled]]:
        self.asked.append(moment)
        if self.fails is not None:
            raise self.fails
        for page in self.pages:
            yield page


@dataclass
class Recalled:
    """What the log tells; `times` counts how often it was read."""

    told: Told = field(default_factory=Told)
    times: int = 0

    async def __call__(self) -> Told:
        self.times += 1
        return self.told


def a_look(
    orders: FakeOrders,
    log: EventLog,
    recalled: Recalled | None = None,
    connection: Connection | None = A_CONNECTION,
) -> Ordered:
    return Ordered(
        lambda: connection, orders, log, lambda: NOON, NOON - timedelta(days=30), recalled or Recalled()
    )


async def test_an_order_that_shows_nothing_yet_has_the_rows_of_its_invoice_sent_again() -> None:
    log = EventLog()

    found = await a_look(FakeOrders([[AN_ORDER]]), log).run_pass()

    (event,) = log.events
    assert (found, event.object, event.object_id) == (1, ObjectKind.INVOICE, 31)
    assert (event.source, event.action, event.alone) == (EventSource.POLL, "ordered", True)


async def test_an_order_that_stays_empty_is_told_once() -> None:
    log = EventLog()
    look = a_look(FakeOrders([[AN_ORDER], [ANOTHER]]), log)

    assert [await look.run_pass(), await look.run_pass()] == [2, 0]


async def test_what_a_look_before_a_restart_told_is_not_told_again() -> None:
    before, after = EventLog(), EventLog()
    await a_look(FakeOrders([[AN_ORDER]]), before).run_pass()
    recalled = Recalled(Told({event.id for event in before.events}))

    found = await a_look(FakeOrders([[AN_ORDER, ANOTHER]]), after, recalled).run_pass()

    assert (found, [event.object_id for event in after.events]) == (1, [32])


async def test_what_a_former_life_of_the_name_told_is_told_anew() -> None:
    before, after = EventLog(), EventLog()
    await a_look(FakeOrders([[AN_ORDER]]), before).run_pass()
    recalled = Recalled(Told({event.id for event in before.events}))
    anew = A_CONNECTION.model_copy(update={"life": 2})

    assert await a_look(FakeOrders([[AN_ORDER]]), after, recalled, anew).run_pass() == 1


async def test_an_order_that_is_moved_to_another_opportunity_is_told_of_that_one() -> None:
    log, orders = EventLog(), FakeOrders([[AN_ORDER]])
    look = a_look(orders, log)
    await look.run_pass()
    orders.pages = [[AN_ORDER._replace(sale="p7rQW5:32")]]

    await look.run_pass()

    assert [event.object_id for event in log.events] == [31, 32]


async def test_the_log_is_read_only_when_there_is_something_to_tell_and_once() -> None:
    orders, recalled = FakeOrders([]), Recalled()
    look = a_look(orders, EventLog(), recalled)

    read = []
    for page in ([], [AN_ORDER], [ANOTHER]):
        orders.pages = [page]
        await look.run_pass()
        read.append(recalled.times)

    assert read == [0, 1, 1]


async def test_a_look_asks_from_a_day_before_the_last_one_that_was_answered() -> None:
    orders = FakeOrders([], Unreachable("Salesforce", "no answer"))
    look = a_look(orders, EventLog())
    with pytest.raises(Unreachable):
        await look.run_pass()
    orders.fails = None

    await look.run_pass()
    await look.run_pass()

    first = NOON - timedelta(days=31)
    assert orders.asked == [first, first, NOON - timedelta(days=1)]


async def test_what_kafka_did_not_take_is_told_at_the_next_look() -> None:
    log = EventLog()
    look = a_look(FakeOrders([[AN_ORDER]]), log)
    log.away = True
    with pytest.raises(ConnectionError):
        await look.run_pass()
    log.away = False

    assert await look.run_pass() == 1


@pytest.mark.parametrize(
    "hidden",
    [
        Misconfigured("the org has no Order", "…", code="NOT_FOUND"),
        Refused("No such column", "…", code="INVALID_FIELD"),
    ],
    ids=["no Orders", "a hidden field"],
)
async def test_an_org_that_shows_us_no_orders_is_said_once_until_it_shows_some(
    hidden: FreshforceError,
) -> None:
    orders = FakeOrders([], hidden)
    look = a_look(orders, EventLog())

    with capture_logs() as logs:
        assert [await look.run_pass(), await look.run_pass()] == [0, 0]
        orders.fails = None
        await look.run_pass()
        orders.fails = hidden
        await look.run_pass()

    assert [(it["event"], it["code"]) for it in logs] == [("orders.unseen", hidden.code)] * 2


async def test_an_org_that_is_not_to_be_asked_is_not() -> None:
    orders = FakeOrders([[AN_ORDER]])

    assert await a_look(orders, EventLog(), connection=None).run_pass() == 0
    assert orders.asked == []


async def test_a_mapping_that_writes_nothing_on_orders_costs_no_call() -> None:
    orders = FakeOrders([[AN_ORDER]])
    before, _, after = default_text().partition("[order]")
    without = before + after[after.index("[invoice]") :]
    connection = A_CONNECTION.model_copy(update={"mapping": without})

    await a_look(orders, EventLog(), connection=connection).run_pass()

    assert orders.asked == []


@pytest.mark.parametrize("sale", ["p7rQW5:", "p7rQW5:0", "p7rQW5:x", f"p7rQW5:{2**63}", "p7rQW5:²"])
async def test_an_external_id_that_a_person_made_up_is_passed_by(sale: str) -> None:
    assert await a_look(FakeOrders([[AN_ORDER._replace(sale=sale)]]), EventLog()).run_pass() == 0
