"""Which Order an invoice's amount belongs to: its Opportunity's, else one with its PO number."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.rows.row import Row
from app.salesforce.wire.wire import API
from streams.domain.errors import Unreachable
from streams.domain.identity import SalesforceId
from streams.mapping.row import BY_OPPORTUNITY, BY_PO_NUMBER, OPPORTUNITY_KEY
from streams.ports import Absent

NONE: Final = Absent("nobody has made an Order for this Opportunity yet, or our user may not see it")
SEVERAL: Final = Absent("several Orders of the Account carry this PO number: none of them is written")
SHARED: Final = Absent("several invoices carry the PO number of this Order: it is not written")

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """One that was found: as it is, and what there is to say of the choice."""

    id: SalesforceId
    record: Record
    notes: tuple[str, ...] = ()


async def find(client: Client, rows: Sequence[Row], columns: Iterable[str]) -> list[Order | Absent]:
    """Return the Order of each row, with its `columns` as they are.

    Of several Orders of one Opportunity the first made is taken: a reduction or a second delivery comes
    later, and sums over Orders count an invoice once.

    Raises:
        Refused, Misconfigured, Unreachable, RateLimited: as `Client.query`.
    """
    asked = ", ".join(dict.fromkeys(("Id", "CreatedDate", *columns)))
    found = await _by_opportunity(client, rows, asked)
    rest = [row for row in rows if row.command.external_id not in found and _po_number(row)]
    if rest:
        found |= await _by_po_number(client, rest, asked)
    return _each_once([found.get(row.command.external_id, NONE) for row in rows])


async def _by_opportunity(client: Client, rows: Sequence[Row], asked: str) -> dict[str, Order | Absent]:
    begin = f"{soql.select(f'{asked}, {BY_OPPORTUNITY}', 'Order')} WHERE {BY_OPPORTUNITY} IN"
    orders: dict[str, list[Record]] = defaultdict(list)
    async for record in client.query_in(begin, [row.command.external_id for row in rows]):
        match record.get("Opportunity"):
            case {"FreshBooks_Invoice_Id__c": str(external_id)}:
                orders[external_id].append(record)
            case _:
                raise Unreachable(API, "an Order without the Opportunity that was asked for")
    return {external_id: _first(records) for external_id, records in orders.items()}


async def _by_po_number(client: Client, rows: Sequence[Row], asked: str) -> dict[str, Order | Absent]:
    """Look among the Orders of the same Account that belong to no Opportunity."""
    accounts = {
        str(record.get(OPPORTUNITY_KEY)): record.get("AccountId")
        async for record in _accounts(client, [row.command.external_id for row in rows])
    }
    begin = soql.select(f"{asked}, PoNumber, AccountId", "Order", "OpportunityId = null AND PoNumber IN")
    orders: dict[tuple[str, Any], list[Record]] = defaultdict(list)
    async for record in client.query_in(begin, [_po_number(row) for row in rows]):
        orders[str(record.get(BY_PO_NUMBER)).casefold(), record.get("AccountId")].append(record)
    found: dict[str, Order | Absent] = {}
    for row in rows:
        account = accounts.get(row.command.external_id)
        its = orders.get((_po_number(row).casefold(), account), []) if account else []
        if its:
            found[row.command.external_id] = _first(its) if len(its) == 1 else SEVERAL
    return found


def _accounts(client: Client, external_ids: Iterable[str]) -> AsyncIterator[Record]:
    begin = soql.select(f"{OPPORTUNITY_KEY}, AccountId", "Opportunity", f"{OPPORTUNITY_KEY} IN")
    return client.query_in(begin, external_ids)


def _po_number(row: Row) -> str:
    found = row.fields.get(BY_PO_NUMBER)
    return found.strip() if row.command.external_id_field == BY_PO_NUMBER and isinstance(found, str) else ""


def _first(records: Sequence[Record]) -> Order:
    first = min(records, key=lambda record: (str(record.get("CreatedDate")), str(record.get("Id"))))
    more = len(records) - 1
    notes = (f"the first made of {more + 1} Orders of the Opportunity",) if more else ()
    match first.get("Id"):
        case str(found) if found.isalnum():
            return Order(SalesforceId(found), first, notes)
        case _:
            raise Unreachable(API, "an Order without its id")


def _each_once(found: list[Order | Absent]) -> list[Order | Absent]:
    times = Counter(it.id for it in found if isinstance(it, Order))
    return [SHARED if isinstance(it, Order) and times[it.id] > 1 else it for it in found]
