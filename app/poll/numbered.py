"""Orders that name their invoice by its PO number alone: FreshBooks' lists tell which invoice that is."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.freshbooks.client import Carrying
from app.poll.ordered import Orders
from app.salesforce.reads.unfilled import Numbered, Unfilled
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ConnectionName
from streams.mapping.row import BY_PO_NUMBER
from streams.mapping.rules import Rules
from streams.mapping.sheet import Sheet


class NumberedOrders(Orders, Protocol):
    """People's Orders in one org, with those of no Opportunity."""

    def numbered(
        self, connection: Connection, sheet: Sheet, moment: datetime
    ) -> AsyncIterator[list[Numbered]]:
        """Yield those that carry a PO number, were touched since `moment` and lack something of `sheet`.

        Raises:
            FreshforceError: as `since`.
        """
        ...


class Invoices(Protocol):
    """FreshBooks' invoices."""

    def of_client(self, connection: ConnectionName, client: ClientId) -> AsyncIterator[Carrying]:
        """Yield a client's, but those that were deleted.

        Raises:
            FreshforceError: FreshBooks refuses the list.
        """
        ...


@dataclass(slots=True)
class OrdersWithNumbers:
    """People's Orders; where the mapping matches by PO number, also those that carry one invoice's number.

    Which invoice that is, is asked once, as long as looks show the Order: one that gets the number later
    finds its Order by itself.
    """

    orders: NumberedOrders
    invoices: Invoices
    _asked: dict[Numbered, str] = field(default_factory=dict)
    """External id of each Order's Opportunity; empty where no invoice or several carry its number."""

    async def since(
        self, connection: Connection, sheet: Sheet, moment: datetime
    ) -> AsyncIterator[list[Unfilled]]:
        """Yield those that were touched since `moment` and lack something of `sheet`.

        Raises:
            FreshforceError: the org, or FreshBooks, cannot be asked.
        """
        async for page in self.orders.since(connection, sheet, moment):
            yield page
        rules = Rules.of(connection)
        if rules.mapping.orders_by == BY_PO_NUMBER:
            shown: set[Numbered] = set()
            async for numbered in self.orders.numbered(connection, sheet, moment):
                await self._ask(rules, numbered)
                shown.update(numbered)
                yield [Unfilled(it.order, sale) for it in numbered if (sale := self._asked[it])]
            self._asked = {it: sale for it, sale in self._asked.items() if it in shown}

    async def _ask(self, rules: Rules, page: Sequence[Numbered]) -> None:
        """List the invoices of each client of whom there is an Order that was not asked for yet."""
        news: Mapping[ClientId, list[Numbered]] = defaultdict(list)
        for it in page:
            if it not in self._asked:
                news[it.client].append(it)
        for client, orders in news.items():
            carried: Mapping[str, list[int]] = defaultdict(list)
            async for each in self.invoices.of_client(rules.terms.connection, client):
                carried[_plain(each.po_number)].append(each.invoice)
            for it in orders:
                its = carried.get(_plain(it.number), [])
                self._asked[it] = rules.terms.external_id(its[0]) if len(its) == 1 else ""


def _plain(number: str) -> str:
    """Return a PO number as Salesforce compares it."""
    return number.strip().casefold()
