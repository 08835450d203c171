"""The lines of our Opportunities: held against those that stand there, and only what differs is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal, of_misfit, of_reply
from app.salesforce.answers.results import Known, Outcome, results, updated
from app.salesforce.api.client import Client
from app.salesforce.found.draft import Draft, drafted, emptied
from app.salesforce.found.presence import UNSEEN, Presence
from app.salesforce.found.prices import Prices
from app.salesforce.found.standing import Sale, standing
from app.salesforce.found.writing import deleted, parts
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import AMOUNT, ISO_CODE, Shape
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import FOREIGN, Purse
from streams.domain.command import Field, Items, SObject
from streams.domain.connection import ForeignAmount
from streams.domain.errors import FreshforceError
from streams.domain.identity import SalesforceId
from streams.mapping.row import ITEMS, LINE_KEY
from streams.ports import NO_OPPORTUNITY, Absent

NO_SALE: Final = Absent(
    "the org has no Opportunity of this invoice, or hides it from our user", NO_OPPORTUNITY
)
NO_LINES: Final = Absent(
    "the org lacks what the lines are written into, or hides it from our user: see `freshforce ping`"
)
NO_PRICES: Final = Refusal(
    Meaning.PERMANENT,
    "no-products",
    "the org hides products, price books or their entries from our user",
    "let the run-as user read and create Product2 and PricebookEntry, with FreshBooks_Product_Id__c",
)
THEIRS: Final = Absent("a person itemised the Opportunity already: our lines would count it twice")


@dataclass(slots=True)
class Lines:
    """One org's lines of Opportunities: looked at in batches, made, changed and deleted in batches."""

    client: Client
    written_on: SObject = SObject.LINES
    none: Absent = NO_LINES
    _any: Presence = field(default_factory=Presence)
    _prices: Prices = field(init=False)

    def __post_init__(self) -> None:
        self._prices = Prices(self.client)

    async def there(self, _: str, demanded: float) -> bool:
        """Tell whether the org shows us lines of Opportunities.

        Raises:
            Unreachable, RateLimited, Misconfigured: the org cannot be asked.
        """
        return await self._any.there(self._probe, demanded)

    async def _probe(self) -> bool:
        await self.client.describe(SObject.LINES.value)
        return True

    def fields(self, _: Sequence[Row]) -> frozenset[str]:
        """Return the field without which no line can be told to be ours."""
        return frozenset({LINE_KEY})

    async def write(self, rows: Sequence[Row], shape: Shape, purse: Purse) -> list[Outcome]:
        """Return what became of each row, which is all lines of one Opportunity.

        What is refused stops the rest of its Opportunity: hence lines of a new key first, when nothing of
        the earlier ones is lost yet, and what only goes is deleted last.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: not everything was written, or it is not known.
        """
        wanted = [row.fields.get(ITEMS) for row in rows]
        valued = any(isinstance(it, Items) and it.currency != purse.own for it in wanted)
        sales = await standing(self.client, [row.command.external_id for row in rows], shape, valued=valued)
        found = [sales.get(row.command.external_id) for row in rows]
        drafts = [_draft(it, sale, shape, purse) for it, sale in zip(wanted, found, strict=True)]
        await self._write([draft for draft in drafts if isinstance(draft, Draft)], shape)
        return [draft.outcome if isinstance(draft, Draft) else draft for draft in drafts]

    def unseen(self, _: str) -> Absent:
        """Say that the org has no place for lines."""
        return NO_LINES

    async def _write(self, work: Sequence[Draft], shape: Shape) -> None:
        await self._price(work)
        await self._make([(it, record) for it in work if it.well for _, record in it.new], shape)
        await self._change([(it, record) for it in work if it.well for record in it.changed])
        await self._delete([(it, line) for it in work if it.well for line in it.outgrown])
        await self._make([(it, record) for it in work if it.well for _, record in it.anew], shape)
        await self._delete([(it, line) for it in work if it.well for line in it.gone])
        await self._change([(it, _of_sale(it, AMOUNT, None)) for it in work if it.well and it.to_clear])

    async def _price(self, work: Iterable[Draft]) -> None:
        """Find or make what is sold by, and give the Opportunities a price book.

        A line that stands there by another product shows that a person moved the product's id, perhaps.
        """
        new = [draft for draft in work if draft.made]
        if not new:
            return
        self._prices.doubt(draft.priced(item).key for draft in new for item, _ in draft.anew)
        try:
            entries = await self._prices.entries(draft.priced(it) for draft in new for it, _ in draft.made)
            standard = await self._prices.standard()
        except FreshforceError as error:
            if error.code not in UNSEEN:
                raise
            for draft in new:
                draft.refuse(NO_PRICES)
            return
        for draft in new:
            draft.enter(entries)
        bookless = [draft for draft in new if not draft.sale.book and draft.well]
        await self._change([(draft, _of_sale(draft, "Pricebook2Id", standard)) for draft in bookless])

    async def _delete(self, going: Sequence[tuple[Draft, SalesforceId]]) -> None:
        for part in parts(going):
            outcomes = await deleted(self.client, [line for _, line in part])
            for (draft, _), outcome in zip(part, outcomes, strict=True):
                draft.refuse(outcome)

    async def _change(self, changes: Sequence[tuple[Draft, Mapping[str, Any]]]) -> None:
        for part in parts(changes):
            body = orjson.dumps({"allOrNone": False, "records": [record for _, record in part]})
            reply = await self.client.update_many(body)
            asked = [(SalesforceId(str(record["id"])), ()) for _, record in part]
            outcomes = updated(reply, asked) if reply.ok else [of_reply(reply)] * len(part)
            for (draft, _), outcome in zip(part, outcomes, strict=True):
                draft.refuse(outcome)

    async def _make(self, new: Sequence[tuple[Draft, dict[str, Any]]], shape: Shape) -> None:
        for part in parts(new):
            body = orjson.dumps({"allOrNone": False, "records": [record for _, record in part]})
            reply = await self.client.upsert(SObject.LINES.value, LINE_KEY, body)
            asked = [(str(record[LINE_KEY]),) * 2 for _, record in part]
            outcomes = results(reply, shape, asked, Known()) if reply.ok else [of_reply(reply)] * len(part)
            if any(isinstance(it, Refusal) for it in outcomes):
                self._prices.forget()
            for (draft, _), outcome in zip(part, outcomes, strict=True):
                draft.refuse(outcome)


def _draft(wanted: Field, sale: Sale | None, shape: Shape, purse: Purse) -> Draft | Outcome:
    if sale is None or not isinstance(wanted, Items):
        return NO_SALE
    if sale.others and not sale.lines:
        return THEIRS
    try:
        if why := _foreign(wanted, sale, shape, purse):
            return emptied(sale, Absent(why))
        return drafted(wanted, sale, shape)
    except Misfit as misfit:
        return of_misfit(misfit.code, misfit.field, misfit.takes)


def _foreign(wanted: Items, sale: Sale, shape: Shape, purse: Purse) -> str:
    """Return why lines in their currency are left out; Misfit where the connection's rule says so."""
    own = sale.currency if ISO_CODE in shape.columns else purse.own
    if wanted.currency == own or (not sale.currency and purse.foreign is ForeignAmount.WRITE):
        return ""
    if not sale.currency and purse.foreign is ForeignAmount.LEAVE_OUT:
        return f"no lines: they are in {wanted.currency}, and the org has {own}"
    raise Misfit(FOREIGN, "UnitPrice", f"amounts in {own}, not in {wanted.currency}")


def _of_sale(draft: Draft, name: str, value: SalesforceId | None) -> Mapping[str, Any]:
    """Return what writes one field of the Opportunity itself."""
    return {"attributes": {"type": SObject.OPPORTUNITY.value}, "id": draft.sale.id, name: value}
