"""Which of Salesforce's Invoices is that of an Opportunity: by what it refers to, else by its number."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.found.presence import UNSEEN
from app.salesforce.rows.row import Row
from app.salesforce.wire.wire import API
from streams.domain.errors import Misconfigured, Refused, Unreachable
from streams.domain.identity import SalesforceId
from streams.mapping.row import LINK, OPPORTUNITY_KEY
from streams.ports import Absent

NONE: Final = Absent("none of Salesforce's own Invoices refers to its Order or carries its number")
SEVERAL: Final = Absent("several of Salesforce's own Invoices may be this one: none is linked")
NUMBER: Final = "InvoiceNumber"
_NUMBERS: Final = (NUMBER, "DocumentNumber")
_VOID: Final = frozenset({"Voided", "Canceled", "Void In Progress"})
"""States in which an Invoice stands for nothing any more."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Capability:
    """What an org's Invoices can tell us (facts: Salesforce, section 5)."""

    refers_to: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        """Return what a describe answer says."""
        fields = {it["name"]: it for it in described["fields"] if isinstance(it, dict) and "name" in it}
        refers = fields.get("ReferenceEntityId", {}).get("referenceTo") or ()
        return cls(frozenset(map(str, refers)), frozenset(fields))


@dataclass(frozen=True, slots=True)
class Sale:
    """An Opportunity of ours as the org has it."""

    id: SalesforceId
    account: str
    link: str | None


async def sales(client: Client, external_ids: Iterable[str]) -> dict[str, Sale]:
    """Return the Opportunities by their external ids.

    Raises:
        Refused, Misconfigured, Unreachable, RateLimited: as `Client.query`.
    """
    columns = f"Id, AccountId, {OPPORTUNITY_KEY}, {LINK}"
    begin = soql.select(columns, "Opportunity", f"{OPPORTUNITY_KEY} IN")
    found: dict[str, Sale] = {}
    async for record in client.query_in(begin, external_ids):
        sale = Sale(_id(record), str(record.get("AccountId") or ""), record.get(LINK))
        found[str(record.get(OPPORTUNITY_KEY))] = sale
    return found


async def search(
    client: Client, can: Capability, rows: Sequence[Row], its: Mapping[str, Sale]
) -> dict[str, SalesforceId | Absent]:
    """Return the Invoice of each row, or why there is none to link.

    Raises:
        Refused, Misconfigured, Unreachable, RateLimited: as `Client.query`.
    """
    asked = ["Id", *sorted({"Status", "ReferenceEntityId", "BillingAccountId", *_NUMBERS} & can.columns)]
    keys: dict[str, str] = {its[row.command.external_id].id: row.command.external_id for row in rows}
    referred = await _references(client, can, keys)
    found: dict[str, set[SalesforceId]] = defaultdict(set)
    begin = soql.select(", ".join(asked), "Invoice", "ReferenceEntityId IN")
    async for record in _standing(client, begin, referred):
        found[referred[str(record.get("ReferenceEntityId"))]].add(_id(record))
    rest = [row for row in rows if row.command.external_id not in found and _number(row)]
    for name in _NUMBERS if rest else ():
        if {name, "BillingAccountId"} <= can.columns:
            begin = soql.select(", ".join(asked), "Invoice", f"{name} IN")
            async for record in _standing(client, begin, map(_number, rest)):
                for external_id in _owners(record, name, rest, its):
                    found[external_id].add(_id(record))
    return {row.command.external_id: _one(found.get(row.command.external_id)) for row in rows}


async def _references(client: Client, can: Capability, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the ids that an Invoice may refer to, each with the external id that it stands for."""
    found: dict[str, str] = {**keys} if "Opportunity" in can.refers_to else {}
    if not can.refers_to & {"Order", "OrderSummary"}:
        return found
    begin = soql.select("Id, OpportunityId", "Order", "OpportunityId IN")
    orders: dict[str, str] = {
        _id(row): keys[row["OpportunityId"]] async for row in _seen(client, begin, keys)
    }
    found |= orders if "Order" in can.refers_to else {}
    if orders and "OrderSummary" in can.refers_to:
        begin = soql.select("Id, OriginalOrderId", "OrderSummary", "OriginalOrderId IN")
        found |= {_id(row): orders[row["OriginalOrderId"]] async for row in _seen(client, begin, orders)}
    return found


async def _seen(client: Client, begin: str, values: Iterable[str]) -> AsyncIterator[Record]:
    """Yield the rows of a query; none of an object that the org does not have or hides from us."""
    try:
        async for record in client.query_in(begin, values):
            yield record
    except (Refused, Misconfigured) as error:
        if error.code not in UNSEEN:
            raise


async def _standing(client: Client, begin: str, values: Iterable[str]) -> AsyncIterator[Record]:
    async for record in client.query_in(begin, values):
        if record.get("Status") not in _VOID:
            yield record


def _owners(record: Record, name: str, rows: Sequence[Row], its: Mapping[str, Sale]) -> Iterator[str]:
    """Yield whose number an Invoice carries, of those whose Account it bills."""
    for row in rows:
        account = its[row.command.external_id].account
        number = str(record.get(name)).casefold() == _number(row).casefold()
        if number and account and record.get("BillingAccountId") == account:
            yield row.command.external_id


def _number(row: Row) -> str:
    found = row.fields.get(NUMBER)
    return found.strip() if isinstance(found, str) else ""


def _one(found: set[SalesforceId] | None) -> SalesforceId | Absent:
    if not found:
        return NONE
    return next(iter(found)) if len(found) == 1 else SEVERAL


def _id(record: Record) -> SalesforceId:
    match record.get("Id"):
        case str(found) if found.isalnum():
            return SalesforceId(found)
        case _:
            raise Unreachable(API, "a row without its id")
