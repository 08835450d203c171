"""Opportunities as the org has them, with the lines that stand on them: ours by their key, and others'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.shape.describe import AMOUNT, ISO_CODE, Shape
from app.salesforce.wire.wire import API
from streams.domain.errors import Unreachable
from streams.domain.identity import SalesforceId
from streams.mapping.row import BY_OPPORTUNITY, LINE_KEY, OPPORTUNITY_KEY, PRODUCT_KEY

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of ours."""

    id: SalesforceId
    product: str
    """External id of its product; empty where it is none of ours."""
    quantity: Decimal
    price: Decimal
    total: Decimal
    description: str | None


@dataclass(slots=True)
class Sale:
    """An Opportunity of ours."""

    id: SalesforceId
    book: str
    """Id of its price book; empty while it has none."""
    currency: str
    """Empty in an org of one currency."""
    lines: dict[str, Standing] = field(default_factory=dict)
    """Ours, by external id."""
    others: int = 0
    """How many there are that are not ours."""
    valued: bool = False
    """Whether it shows an amount, where that was asked."""


async def standing(
    client: Client, external_ids: Sequence[str], shape: Shape, *, valued: bool = False
) -> dict[str, Sale]:
    """Return the Opportunities by their external ids, in as few queries as their lists take.

    Whether one shows an amount is only asked where lines may have to go with it (`valued`).

    Raises:
        Refused, Misconfigured, Unreachable, RateLimited: as `Client.query`.
    """
    more = ([ISO_CODE] if ISO_CODE in shape.columns else []) + ([AMOUNT] if valued else [])
    columns = ", ".join(("Id", "Pricebook2Id", OPPORTUNITY_KEY, *more))
    begin = soql.select(columns, "Opportunity", f"{OPPORTUNITY_KEY} IN")
    found: dict[str, Sale] = {}
    async for record in client.query_in(begin, external_ids):
        book, currency = str(record.get("Pricebook2Id") or ""), str(record.get(ISO_CODE) or "")
        sale = Sale(row_id(record), book, currency, valued=record.get(AMOUNT) is not None)
        found[str(record.get(OPPORTUNITY_KEY))] = sale
    said = ("Description",) if "Description" in shape.columns else ()
    asked = ("Id", LINE_KEY, "Quantity", "UnitPrice", "TotalPrice", *said, f"Product2.{PRODUCT_KEY}")
    columns = ", ".join((*asked, BY_OPPORTUNITY))
    begin = soql.select(columns, "OpportunityLineItem", f"{BY_OPPORTUNITY} IN")
    async for record in client.query_in(begin, found):
        match record.get("Opportunity"):
            case {"FreshBooks_Invoice_Id__c": str(external_id)} if external_id in found:
                _enter(found[external_id], record)
            case _:
                raise Unreachable(API, "a line without the Opportunity that was asked for")
    return found


def _enter(sale: Sale, record: Record) -> None:
    if not (key := record.get(LINE_KEY)):
        sale.others += 1
        return
    product = record.get("Product2")
    sale.lines[str(key)] = Standing(
        row_id(record),
        str(product.get(PRODUCT_KEY) or "") if isinstance(product, Mapping) else "",
        _amount(record.get("Quantity")),
        _amount(record.get("UnitPrice")),
        _amount(record.get("TotalPrice")),
        record.get("Description"),
    )


def _amount(said: object) -> Decimal:
    if isinstance(said, Decimal | int) and not isinstance(said, bool):
        return Decimal(said)
    raise Unreachable(API, "a line without its amounts")


def row_id(record: Record) -> SalesforceId:
    """Return the id of a queried row.

    Raises:
        Unreachable: it has none, so it is no answer of Salesforce's.
    """
    match record.get("Id"):
        case str(found) if found.isalnum():
            return SalesforceId(found)
        case _:
            raise Unreachable(API, "a row without its id")
