"""The amounts of invoices on the Orders that people made for their Opportunities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import orjson

from app.salesforce.answers.results import Outcome
from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.found.finding import Order, find
from app.salesforce.found.presence import Presence
from app.salesforce.found.writing import Change, change, written
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import ISO_CODE, Shape
from app.salesforce.shape.purse import Purse
from streams.domain.command import Field, SObject
from streams.mapping.row import BY_OPPORTUNITY, BY_PO_NUMBER
from streams.ports import Absent, Applied

NO_ORDERS: Final = Absent(
    "no Order to bring the amount to: the org has none that may be this invoice's, or hides them from us"
)
_PROBES: Final = {
    BY_OPPORTUNITY: "OpportunityId != null",
    BY_PO_NUMBER: f"OpportunityId != null OR {BY_PO_NUMBER} != null",
}
FINDING: Final = frozenset({"Opportunity", BY_PO_NUMBER})
"""Fields of a command by which its Order is found, and that are not written."""


@dataclass(slots=True)
class Orders:
    """One org's Orders: looked for in batches, and only differing ones written."""

    client: Client
    written_on: SObject = SObject.ORDER
    none: Absent = NO_ORDERS
    _any: Mapping[str, Presence] = field(default_factory=lambda: {key: Presence() for key in _PROBES})

    async def there(self, by: str, demanded: float) -> bool:
        """Tell whether looking for an Order `by` its Opportunity (or PO number) is worth a call.

        Raises:
            Unreachable, RateLimited, Misconfigured: the org cannot be asked.
        """
        return await self._any[by].there(lambda: self._probe(by), demanded)

    async def _probe(self, by: str) -> bool:
        """Ask for one Order that could be found."""
        query = soql.select("Id", SObject.ORDER.value, _PROBES[by])
        return bool([row async for row in self.client.query(f"{query} LIMIT 1")])

    def fields(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return which fields are written."""
        return frozenset(name for row in rows for name in kept(row))

    async def write(self, rows: Sequence[Row], shape: Shape, purse: Purse) -> list[Outcome]:
        """Return what became of each row: nothing is created, and equal Orders are left alone.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: nothing was written, or it is not known.
        """
        columns = (self.fields(rows) & shape.slots.keys()) | ({ISO_CODE} & shape.columns)
        found = await find(self.client, rows, sorted(columns))
        settled = [_settled(row, order, shape, purse) for row, order in zip(rows, found, strict=True)]
        return await written(self.client, settled)

    def unseen(self, by: str) -> Absent:
        """Take the org to have no Orders for a while."""
        self._any[by].doubt()
        return NO_ORDERS


def kept(row: Row) -> Mapping[str, Field]:
    """Return what of the row's fields is written to its Order."""
    return {name: value for name, value in row.fields.items() if name not in FINDING}


def _settled(row: Row, order: Order | Absent, shape: Shape, purse: Purse) -> Outcome | Change:
    if isinstance(order, Absent):
        return order
    wanted = {name: value for name, value in kept(row).items() if name in shape.slots}
    made = change(order.id, wanted, shape, purse.of_found(order.record), order.notes)
    if isinstance(made, Change) and all(_same(order.record.get(it), made.record.get(it)) for it in wanted):
        return Applied(order.id, created=False, notes=(*made.notes, "the Order held it already"))
    return made


def _same(now: object, wanted: object) -> bool:
    match wanted:
        case orjson.Fragment():
            number = isinstance(now, Decimal | int) and not isinstance(now, bool)
            return number and now == Decimal(orjson.dumps(wanted).decode())
        case _:
            return now == wanted
