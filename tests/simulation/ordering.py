"""The whole way with Orders: people make them for Opportunities while invoices change."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from app.poll.findings import Told
from app.poll.ordered import Ordered
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.reads.unfilled import UnfilledOrders
from app.sandbox.salesforce.people import People
from streams.codec import decode
from streams.domain.event import Event, EventSource
from streams.domain.snapshot import Invoice
from streams.topics import EVENTS
from tests.builders.events import ACME, MORNING
from tests.builders.histories import Snap
from tests.model import ACCOUNT, Row, order
from tests.simulation.whole import KEYS, OneKey, Whole

AMOUNT: Final = "FreshBooks_Invoice_Amount__c"
A_DRAFT: Final = {"EffectiveDate": "2026-11-02", "Status": "Draft"}


class Ordering(Whole):
    """A world whose salespeople make Orders, before or after the invoice says what it comes to."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ordered: dict[str, str] = {}
        """Order by invoice."""
        self.looked: set[str] = set()
        """Invoices that have changed, or whose Order was looked for, since that was made."""
        people = People(self.org)  # an org without any Order is asked for some every five minutes only
        (account,) = people.insert("Account", {"Name": "Not ours"})
        sale = {"Name": "Not ours", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
        (sale_id,) = people.insert("Opportunity", {**sale, "AccountId": account})
        people.insert("Order", {**A_DRAFT, "AccountId": account, "OpportunityId": sale_id})

    def wanted_orders(self) -> Mapping[str, Row]:
        """Return what each Order must show of which something was told since it was made."""
        rows = self.wanted()
        return {
            sale: order(it)
            for it in self.keeper.objects.values()
            if isinstance(it, Invoice) and (sale := f"{ACCOUNT}:{it.id}") in self.looked
            if ("Opportunity", sale) in rows
        }

    def found_orders(self) -> Mapping[str, Row]:
        """Return what these Orders show of it."""
        shown = {row["Id"]: row for row in People(self.org).rows("Order")}
        return {
            sale: {name: _exact(shown[self.ordered[sale]].get(name)) for name in wanted}
            for sale, wanted in self.wanted_orders().items()
        }

    def order(self) -> None:
        """Let a person make an Order for an Opportunity that has none."""
        people, key = People(self.org), KEYS["Opportunity"]
        sales = [row for row in people.rows("Opportunity") if row.get(key) and row[key] not in self.ordered]
        if not sales:
            return
        sale = self.chance.choice(sales)
        its = {"AccountId": sale["AccountId"], "OpportunityId": sale["Id"]}
        (self.ordered[sale[key]],) = people.insert("Order", {**A_DRAFT, **its})

    async def look(self) -> int:
        """Look for Orders that were made later, as a poller does; return how many events that made."""
        client = Lanes(self.settings, OneKey(self.wire.app), self.wire, chance=self.chance).client(ACME)
        settings, orders = partial(self.settings.get, ACME), UnfilledOrders(client)
        look = Ordered(settings, orders, self._produce, self._now, MORNING, self._recall)
        events = await look.run_pass()
        self.looked |= self.ordered.keys()
        await self._work_to_the_end()
        return events

    async def _produce(self, events: Sequence[Event]) -> None:
        for event in events:
            self._event(event)

    async def _recall(self) -> Told:
        events = (decode(Event, value) for _, value, _ in self.broker.topic(EVENTS.name))
        return Told({event.id for event in events if event.source is EventSource.POLL})

    def _deed(self) -> None:
        if self.chance.happens(0.4):
            self.order()
        super()._deed()

    def _changed(self, it: Snap) -> None:
        if isinstance(it, Invoice) and (sale := f"{ACCOUNT}:{it.id}") in self.ordered:
            self.looked.add(sale)
        super()._changed(it)


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float | int) else value
