"""Salesforce's own Invoices of paid FreshBooks invoices: found and linked on the Opportunity, never made.

There is no Opportunity on an Invoice. It refers to an Order, an OrderSummary or (where describe says so) an
Opportunity; or it carries the number of ours and bills the Opportunity's Account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.salesforce.answers.results import Outcome
from app.salesforce.api.client import Client
from app.salesforce.found.linking import Capability, Sale, sales, search
from app.salesforce.found.presence import Presence
from app.salesforce.found.writing import Change, written
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.purse import Purse
from streams.domain.command import SObject
from streams.domain.errors import Misconfigured, Refused
from streams.domain.identity import SalesforceId
from streams.mapping.row import LINK
from streams.ports import Absent, Applied

NO_INVOICES: Final = Absent(
    "no Invoice of Salesforce's own to link: the org has none, or hides them from our user"
)
NO_OPPORTUNITY: Final = Absent("the org has no Opportunity of this invoice that could show the link")


@dataclass(slots=True)
class Invoices:
    """One org's Invoices: looked for in batches; only Opportunities whose link differs are written."""

    client: Client
    written_on: SObject = SObject.OPPORTUNITY
    none: Absent = NO_INVOICES
    _any: Presence = field(default_factory=Presence)
    _can: Capability = field(default_factory=Capability)

    async def there(self, _: str, demanded: float) -> bool:
        """Tell whether looking for an Invoice is worth a call.

        Raises:
            Unreachable, RateLimited, Misconfigured: the org cannot be asked.
        """
        return await self._any.there(self._probe, demanded)

    async def _probe(self) -> bool:
        """Describe what Invoices refer to here, and ask for one."""
        self._can = await self._capability()
        return bool([row async for row in self.client.query("SELECT Id FROM Invoice LIMIT 1")])

    async def _capability(self) -> Capability:
        return Capability.of(await self.client.describe(SObject.INVOICE.value))

    def fields(self, _: Sequence[Row]) -> frozenset[str]:
        """Return which fields are written."""
        return frozenset({LINK})

    async def write(self, rows: Sequence[Row], shape: Shape, _: Purse) -> list[Outcome]:
        """Return what became of each row's link; several Invoices that could be meant are not linked.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: nothing was written, or it is not known.
        """
        assert LINK in shape.slots
        its = await sales(self.client, [row.command.external_id for row in rows])
        wanted = [row for row in rows if row.fields.get(LINK) and row.command.external_id in its]
        found = await self._search(wanted, its) if wanted else {}
        settled = [_settled(row, its, found) for row in rows]
        return await written(self.client, settled)

    async def _search(
        self, wanted: Sequence[Row], its: Mapping[str, Sale]
    ) -> Mapping[str, SalesforceId | Absent]:
        """Look for the Invoices by what the org shows of them: where it shows less than it did, once more.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: as `Client.query`.
        """
        try:
            return await search(self.client, self._can, wanted, its)
        except (Refused, Misconfigured) as error:
            if error.code != "INVALID_FIELD" or self._can == (anew := await self._capability()):
                raise
            self._can = anew
            return await search(self.client, anew, wanted, its)

    def unseen(self, _: str) -> Absent:
        """Take the org to have no Invoices for a while."""
        self._any.doubt()
        return NO_INVOICES


def _settled(
    row: Row, its: Mapping[str, Sale], found: Mapping[str, SalesforceId | Absent]
) -> Outcome | Change:
    sale = its.get(row.command.external_id)
    if sale is None:
        return NO_OPPORTUNITY
    invoice = found[row.command.external_id] if row.fields.get(LINK) else None
    if isinstance(invoice, Absent):
        return invoice
    if (sale.link or "")[:15] == (invoice or "")[:15]:
        return Applied(sale.id, created=False, notes=("the Opportunity shows it already",))
    return _link(sale.id, invoice)


def _link(opportunity: SalesforceId, invoice: SalesforceId | None) -> Change:
    """Return the Opportunity's new link; no Invoice: it is taken away."""
    record = {"attributes": {"type": SObject.OPPORTUNITY.value}, "id": opportunity, LINK: invoice}
    says = f"linked to Invoice {invoice}" if invoice else "the link to an Invoice was taken away"
    return Change(opportunity, record, (says,))
