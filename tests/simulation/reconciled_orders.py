"""Somebody meddles with Orders, too, before all sides are compared."""

from app.reconcile.difference import Named, Sort
from app.reconcile.report import Report
from app.sandbox.salesforce.people import People
from streams.domain.command import SObject
from streams.domain.identity import ObjectKind
from tests.simulation.ordering import AMOUNT, Ordering
from tests.simulation.reconciled import Planted, Reconciled


class ReconciledOrders(Reconciled, Ordering):
    """A world with Orders, of which the poller has told those that were made later."""

    async def play(self) -> None:
        """Let it all happen, and the poller look once more."""
        await super().play()
        await self.look()

    def plant(self) -> Planted | None:
        """Spoil an Order half of the time."""
        ways = self._change_an_order, self._delete_an_order, self._make_an_order
        return self.chance.choice(ways)() if self.chance.happens(0.5) else super().plant()

    async def put_right(self, report: Report) -> None:
        """Turn what differs into events; from then on each Order must show its invoice's amount."""
        await super().put_right(report)
        self.looked |= self.ordered.keys()

    def _change_an_order(self) -> Planted | None:
        if (sale := self._any_order()) is None:
            return None
        People(self.org).edit("Order", self.ordered[sale], {AMOUNT: 0.01})
        return Sort.UNKNOWN_CHANGE, _invoice(sale), SObject.ORDER

    def _delete_an_order(self) -> Planted | None:
        if (sale := self._any_order()) is None:
            return None
        self.looked.remove(sale)
        People(self.org).delete("Order", self.ordered.pop(sale))
        return Sort.DRIFT, _invoice(sale), SObject.ORDER

    def _make_an_order(self) -> Planted | None:
        before = {*self.ordered}
        self.order()
        self.looked |= self.ordered.keys()
        made = [sale for sale in self.ordered.keys() - before if sale in self.wanted_orders()]
        return (Sort.UNKNOWN_CHANGE, _invoice(made[0]), SObject.ORDER) if made else None

    def _any_order(self) -> str | None:
        sales = sorted(self.wanted_orders())
        return self.chance.choice(sales) if sales else None


def _invoice(sale: str) -> Named:
    return Named(ObjectKind.INVOICE, int(sale.rpartition(":")[2]))
