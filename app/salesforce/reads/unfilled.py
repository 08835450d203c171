"""Orders of Opportunities or clients of ours that show nothing of ours yet: people made them lately."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.reads.affordable import affordable, refuse_dear
from app.salesforce.wire.wire import API
from streams.domain.command import BY_CLIENT, SObject
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Refused, Unreachable
from streams.domain.identity import ClientId, SalesforceId, number_in
from streams.mapping.row import BY_OPPORTUNITY, BY_PO_NUMBER
from streams.mapping.sheet import Sheet
from streams.mapping.terms import Terms


class Unfilled(NamedTuple):
    """One such Order."""

    order: SalesforceId
    sale: str
    """External id of its Opportunity."""


class Numbered(NamedTuple):
    """One such Order of no Opportunity."""

    order: SalesforceId
    number: str
    """The customer's number for it."""
    client: ClientId
    """Whose Account has it."""


@dataclass(slots=True)
class UnfilledOrders:
    """Asks one org for them: a call for two thousand.

    Of which fields it can be asked, it describes: once where it has all of the mapping's, else before each
    look, which begins with `since`; for `setup` may have added the rest meanwhile.
    """

    client: Client
    _filterable: Mapping[str, bool] = field(default_factory=dict)
    """Whether it can be asked which Orders lack a field, by name, of those that it has."""

    async def since(
        self, connection: Connection, sheet: Sheet, moment: datetime
    ) -> AsyncIterator[list[Unfilled]]:
        """Yield, a page at a time, those that were made or touched since an aware `moment`.

        To join an Order to its Opportunity touches it, too. One in which any field of the mapping's is empty
        counts; where the org has none of them, nothing could be brought to it.

        Raises:
            RateLimited: our share of the org's calls is used up.
            Refused, Misconfigured: with a code of `UNSEEN`, the org has no Orders, or hides them from us.
            Unreachable: no answer.
        """
        begins = f"{Terms.of(connection).account}:"
        where = f"{BY_OPPORTUNITY} LIKE {soql.begins(begins)}"
        if not sheet.sources.keys() <= self._filterable.keys():
            self._filterable = {}
        async for page in self._asked(connection, sheet, moment, BY_OPPORTUNITY, where):
            yield [it for it in map(_unfilled, page) if it.sale.startswith(begins)]  # LIKE minds no case

    async def numbered(
        self, connection: Connection, sheet: Sheet, moment: datetime
    ) -> AsyncIterator[list[Numbered]]:
        """Yield those that belong to no Opportunity and carry a PO number, of Accounts of our clients.

        It asks for the fields that `since` knew of, which comes before it in a look.

        Raises:
            as `since`.
        """
        begins = f"{Terms.of(connection).account}:"
        where = f"OpportunityId = null AND {BY_PO_NUMBER} != null AND {BY_CLIENT} LIKE {soql.begins(begins)}"
        async for page in self._asked(connection, sheet, moment, f"{BY_PO_NUMBER}, {BY_CLIENT}", where):
            yield [it for row in page if (it := _numbered(row, begins))]

    async def _asked(
        self, connection: Connection, sheet: Sheet, moment: datetime, columns: str, where: str
    ) -> AsyncIterator[list[Mapping[str, Any]]]:
        refuse_dear(self.client, connection)
        if empty := await self._empty(sheet):
            touched = f"SystemModstamp >= {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            query = soql.select(f"Id, {columns}", SObject.ORDER.value, f"{touched} AND {where} AND ({empty})")
            async for page in self._pages(connection, query):
                yield page

    async def _pages(self, connection: Connection, query: str) -> AsyncIterator[list[Mapping[str, Any]]]:
        """Yield the org's answer. Where it refuses one a field may have gone: all are looked up anew."""
        try:
            async for page in affordable(self.client, connection, query):
                yield page
        except (Refused, Misconfigured):
            self._filterable = {}
            raise

    async def _empty(self, sheet: Sheet) -> str:
        """Return what holds of an Order that lacks something of ours; nothing where it has no such field."""
        if not self._filterable:
            self._filterable = _filterable(await self.client.describe(SObject.ORDER.value))
        return " OR ".join(f"{name} = null" for name in sheet.sources if self._filterable.get(name))


def _filterable(described: Mapping[str, Any]) -> Mapping[str, bool]:
    fields = [it for it in described["fields"] if isinstance(it, dict) and "name" in it]
    return {it["name"]: bool(it.get("filterable", True)) for it in fields}


def _unfilled(record: Mapping[str, Any]) -> Unfilled:
    match record:
        case {"Id": str(order), "Opportunity": {"FreshBooks_Invoice_Id__c": str(sale)}}:
            return Unfilled(SalesforceId(order), sale)
        case _:
            raise Unreachable(API, "an Order without its id, or the Opportunity that was asked for")


def _numbered(record: Mapping[str, Any], begins: str) -> Numbered | None:
    """Return the Order; None where its Account is of no client of this FreshBooks account."""
    match record:
        case {"Id": str(order), "PoNumber": str(number), "Account": {"FreshBooks_Client_Id__c": str(owner)}}:
            client = number_in(owner) if owner.startswith(begins) else None  # LIKE minds no case
            return Numbered(SalesforceId(order), number, ClientId(client)) if client else None
        case _:
            raise Unreachable(API, "an Order without its id, or the number and Account that were asked for")
