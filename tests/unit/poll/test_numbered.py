"""Orders that carry a PO number alone are told of the one invoice of their client that carries it, too."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.freshbooks.client import Carrying
from app.poll.numbered import OrdersWithNumbers
from app.salesforce.reads.unfilled import Numbered, Unfilled
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ConnectionName, SalesforceId
from streams.mapping.reading import default_text
from streams.mapping.rules import Rules
from streams.mapping.sheet import Sheet
from tests.builders.records import A_CONNECTION
from tests.unit.poll.test_ordered import AN_ORDER, FakeOrders

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BY_PO = A_CONNECTION.model_copy(
    update={"mapping": default_text().replace('match = "opportunity"', 'match = "po_number"')}
)
ORDER, ANOTHER = SalesforceId("801000000000007AAA"), SalesforceId("801000000000008AAA")
ACME, FERRY = ClientId(7), ClientId(8)


@dataclass
class FakeNumberedOrders(FakeOrders):
    """An org's Orders without Opportunity as well."""

    numbers: list[Numbered] = field(default_factory=list)

    async def numbered(self, _: Connection, __: Sheet, ___: datetime) -> AsyncIterator[list[Numbered]]:
        yield self.numbers


@dataclass
class FakeInvoices:
    """FreshBooks' invoices, by client; remembers whose were listed."""

    of: Mapping[ClientId, Sequence[Carrying]]
    asked: list[ClientId] = field(default_factory=list)

    async def of_client(self, _: ConnectionName, client: ClientId) -> AsyncIterator[Carrying]:
        self.asked.append(client)
        for each in self.of.get(client, ()):
            yield each


async def found(
    orders: Sequence[Numbered], invoices: FakeInvoices, connection: Connection = BY_PO, looks: int = 1
) -> list[Unfilled]:
    """Return what the last of so many looks finds."""
    its = OrdersWithNumbers(FakeNumberedOrders([[AN_ORDER]], numbers=list(orders)), invoices)
    for _ in range(looks):
        last = await look(its, connection)
    return last


async def look(its: OrdersWithNumbers, connection: Connection = BY_PO) -> list[Unfilled]:
    """Return what one look finds."""
    sheet = Rules.of(connection).mapping.order
    assert sheet is not None
    return [each async for page in its.since(connection, sheet, NOON) for each in page]


async def test_an_order_is_told_of_the_invoice_of_its_client_that_carries_its_number() -> None:
    invoices = FakeInvoices(
        {ACME: [Carrying(31, "PO-6"), Carrying(32, " po-7 ")], FERRY: [Carrying(33, "PO-7")]}
    )

    assert await found([Numbered(ORDER, "PO-7", ACME)], invoices) == [AN_ORDER, Unfilled(ORDER, "p7rQW5:32")]


async def test_where_orders_are_found_by_their_opportunity_alone_no_number_is_looked_for() -> None:
    invoices = FakeInvoices({ACME: [Carrying(31, "PO-7")]})

    assert await found([Numbered(ORDER, "PO-7", ACME)], invoices, A_CONNECTION) == [AN_ORDER]
    assert invoices.asked == []


async def test_a_number_that_several_invoices_or_none_carry_is_told_of_none() -> None:
    invoices = FakeInvoices({ACME: [Carrying(31, "PO-7"), Carrying(32, "PO-7"), Carrying(33, "")]})

    assert await found([Numbered(ORDER, "PO-7", ACME), Numbered(ANOTHER, "x", ACME)], invoices) == [AN_ORDER]


async def test_a_client_s_invoices_are_listed_once_for_all_its_orders_and_not_again_for_the_same() -> None:
    invoices = FakeInvoices({ACME: [Carrying(31, "PO-7")]})
    orders = [Numbered(ORDER, "PO-7", ACME), Numbered(ANOTHER, "x", ACME)]

    assert await found(orders, invoices, looks=3) == [AN_ORDER, Unfilled(ORDER, "p7rQW5:31")]
    assert invoices.asked == [ACME]


async def test_an_order_that_goes_to_another_client_is_told_of_that_one_s_invoice() -> None:
    invoices = FakeInvoices({ACME: [Carrying(31, "PO-7")], FERRY: [Carrying(33, "PO-7")]})
    orders = FakeNumberedOrders([], numbers=[Numbered(ORDER, "PO-7", ACME)])
    its = OrdersWithNumbers(orders, invoices)

    assert await look(its) == [Unfilled(ORDER, "p7rQW5:31")]
    orders.numbers = [Numbered(ORDER, "PO-7", FERRY)]

    assert await look(its) == [Unfilled(ORDER, "p7rQW5:33")]


async def test_an_order_that_a_look_did_not_show_is_forgotten() -> None:
    invoices = FakeInvoices({ACME: [Carrying(31, "PO-7")]})
    orders = FakeNumberedOrders([])
    its = OrdersWithNumbers(orders, invoices)

    for orders.numbers in ([Numbered(ORDER, "PO-7", ACME)], [], [Numbered(ORDER, "PO-7", ACME)]):
        await look(its)

    assert invoices.asked == [ACME, ACME]
