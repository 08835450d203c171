"""The lines of our Opportunities: held against those that stand there, and only what differs is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import orjson

from app.salesforce.client import Client
from app.salesforce.describe import ISO_CODE, Shape
from app.salesforce.fitting import fitted
from app.salesforce.found.presence import UNSEEN, Presence
from app.salesforce.found.prices import Prices, Wanted
from app.salesforce.found.standing import Sale, Standing, standing
from app.salesforce.meanings import Meaning
from app.salesforce.misfit import Misfit
from app.salesforce.purse import FOREIGN, purse_of
from app.salesforce.refusals import Refusal, of_misfit, of_reply
from app.salesforce.results import Known, Outcome, results, updated
from app.salesforce.row import Row
from streams.domain.command import Figure, Item, Items, SObject
from streams.domain.connection import ForeignAmount
from streams.domain.errors import FreshforceError
from streams.domain.identity import SalesforceId
from streams.domain.made import made
from streams.mapping.row import ITEMS, LINE_KEY
from streams.ports import Absent, Applied

It = TypeVar("It")

MOST: Final = 200
"""Records of one call."""
NO_SALE: Final = Refusal(
    Meaning.PERMANENT,
    "no-opportunity",
    "the org has no Opportunity of this invoice, or hides it from our user",
    "retry the Opportunity's own dead letter first, then this one",
)
NO_LINES: Final = Absent("the org has no lines of Opportunities or no product key, or hides them from us")
NO_PRICES: Final = Refusal(
    Meaning.PERMANENT,
    "no-products",
    "the org hides products, price books or their entries from our user",
    "let the run-as user read and create Product2 and PricebookEntry, with FreshBooks_Product_Id__c",
)
THEIRS: Final = Absent("a person itemised the Opportunity already: our lines would count it twice")
BOTH: Final = "a person added lines besides ours: Amount is the sum of both"
"""Said in the audit. Theirs are never touched."""


@dataclass(slots=True)
class Lines:
    """One org's lines of Opportunities: looked at in batches, made, changed and deleted in batches."""

    client: Client
    written_on: SObject = SObject.LINES
    _any: Presence = field(default_factory=Presence)
    _prices: Prices = field(init=False)

    def __post_init__(self) -> None:
        self._prices = Prices(self.client)

    async def there(self, _: str) -> bool:
        """Tell whether the org shows us lines of Opportunities.

        Raises:
            Unreachable, RateLimited, Misconfigured: the org cannot be asked.
        """
        return await self._any.there(self._probe)

    async def _probe(self) -> bool:
        await self.client.describe(SObject.LINES.value)
        return True

    def fields(self, _: Sequence[Row]) -> frozenset[str]:
        """Return the field without which no line can be told to be ours."""
        return frozenset({LINE_KEY})

    async def write(self, rows: Sequence[Row], shape: Shape) -> list[Outcome]:
        """Return what became of each row, which is all lines of one Opportunity.

        What goes is deleted first: a line's product can only be changed by making the line anew.

        Raises:
            Unreachable, RateLimited, Misconfigured: not everything was written, or it is not known.
        """
        try:
            sales = await standing(self.client, [row.command.external_id for row in rows], shape)
        except FreshforceError as error:
            if error.code not in UNSEEN:
                raise
            return [NO_LINES] * len(rows)
        drafts = [self._draft(row, sales.get(row.command.external_id), shape) for row in rows]
        work = [draft for draft in drafts if isinstance(draft, _Draft)]
        await self._price(work)
        await self._delete(work)
        await self._change(work)
        await self._make(work, shape)
        return [draft.outcome if isinstance(draft, _Draft) else draft for draft in drafts]

    def _draft(self, row: Row, sale: Sale | None, shape: Shape) -> "_Draft | Outcome":
        wanted = row.fields.get(ITEMS)
        if sale is None or not isinstance(wanted, Items):
            return NO_SALE
        if sale.others and not sale.lines:
            return THEIRS
        try:
            if why := self._foreign(wanted, sale, shape):
                return Absent(why)
            return _drafted(wanted, sale, shape)
        except Misfit as misfit:
            return of_misfit(misfit.code, misfit.field, misfit.takes)

    def _foreign(self, wanted: Items, sale: Sale, shape: Shape) -> str:
        """Return why lines in their currency are left out; Misfit where the connection's rule says so."""
        purse = purse_of(self.client.settings[self.client.connection])
        own = sale.currency if ISO_CODE in shape.columns else purse.own
        if wanted.currency == own or (not sale.currency and purse.foreign is ForeignAmount.WRITE):
            return ""
        if not sale.currency and purse.foreign is ForeignAmount.LEAVE_OUT:
            return f"no lines: they are in {wanted.currency}, and the org has {own}"
        raise Misfit(FOREIGN, "UnitPrice", f"amounts in {own}, not in {wanted.currency}")

    async def _price(self, work: Iterable["_Draft"]) -> None:
        """Find or make what the new lines are sold by, and give their Opportunities a price book."""
        new = [draft for draft in work if draft.made]
        if not new:
            return
        wanted = [
            Wanted(it.product, it.name, draft.sale.book, draft.sale.currency)
            for draft in new
            for it, _ in draft.made
        ]
        try:
            entries = await self._prices.entries(wanted)
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
        records = [_with_book(draft.sale.id, standard) for draft in bookless]
        for draft, outcome in await self._updated(bookless, records):
            draft.refuse(outcome)

    async def _delete(self, work: Iterable["_Draft"]) -> None:
        going = [(draft, line) for draft in work if draft.well for line in draft.gone]
        for part in _parts(going):
            ids = ",".join(line for _, line in part)
            reply = await self.client.ask(
                "delete", "DELETE", f"/composite/sobjects?ids={ids}&allOrNone=false"
            )
            outcomes = (
                updated(reply, [(line, ()) for _, line in part])
                if reply.ok
                else [of_reply(reply)] * len(part)
            )
            for (draft, _), outcome in zip(part, outcomes, strict=True):
                draft.refuse(outcome)

    async def _change(self, work: Iterable["_Draft"]) -> None:
        changes = [(draft, record) for draft in work if draft.well for record in draft.changed]
        told = await self._updated([draft for draft, _ in changes], [record for _, record in changes])
        for draft, outcome in told:
            draft.refuse(outcome)

    async def _updated(
        self, drafts: Sequence["_Draft"], records: Sequence[Mapping[str, Any]]
    ) -> list[tuple["_Draft", Outcome]]:
        found: list[Outcome] = []
        for part in _parts(records):
            reply = await self.client.update_many(orjson.dumps({"allOrNone": False, "records": part}))
            asked = [(SalesforceId(str(record["id"])), ()) for record in part]
            found += updated(reply, asked) if reply.ok else [of_reply(reply)] * len(part)
        return [*zip(drafts, found, strict=True)]

    async def _make(self, work: Iterable["_Draft"], shape: Shape) -> None:
        new = [(draft, record) for draft in work if draft.well for _, record in draft.made]
        for part in _parts(new):
            body = orjson.dumps({"allOrNone": False, "records": [record for _, record in part]})
            reply = await self.client.upsert(SObject.LINES.value, LINE_KEY, body)
            asked = [(str(record[LINE_KEY]),) * 2 for _, record in part]
            outcomes = results(reply, shape, asked, Known()) if reply.ok else [of_reply(reply)] * len(part)
            if any(isinstance(it, Refusal) for it in outcomes):
                self._prices.forget()
            for (draft, _), outcome in zip(part, outcomes, strict=True):
                draft.refuse(outcome)


@dataclass(slots=True)
class _Draft:
    """What is to become of the lines of one Opportunity."""

    sale: Sale
    made: list[tuple[Item, dict[str, Any]]]
    changed: list[Mapping[str, Any]]
    gone: list[SalesforceId]
    notes: tuple[str, ...]
    refusal: Refusal | None = None

    @property
    def well(self) -> bool:
        return self.refusal is None

    @property
    def outcome(self) -> Outcome:
        return self.refusal or Applied(self.sale.id, created=False, notes=self.notes)

    def refuse(self, outcome: Outcome) -> None:
        """Note the first thing that the org refused."""
        if isinstance(outcome, Refusal) and self.refusal is None:
            self.refusal = outcome

    def enter(self, entries: Mapping[tuple[str, str, str], SalesforceId | Refusal]) -> None:
        """Let each new line be sold by its entry."""
        for item, record in self.made:
            match entries[item.product, self.sale.book, self.sale.currency]:
                case Refusal() as refusal:
                    self.refuse(refusal)
                case entry:
                    record["PricebookEntryId"] = entry


def _parts(records: Sequence[It]) -> Iterator[Sequence[It]]:
    """Yield `records` by as many as a call takes."""
    return (records[at : at + MOST] for at in range(0, len(records), MOST))


def _drafted(wanted: Items, sale: Sale, shape: Shape) -> _Draft:
    notes = list(_left_alone(sale))
    made_: list[tuple[Item, dict[str, Any]]] = []
    changed: list[Mapping[str, Any]] = []
    kept: set[str] = set()
    for item in wanted.items:
        record, cut = _record(item, shape)
        notes += cut
        line = sale.lines.get(item.key)
        if line is None or line.product != item.product:
            made_.append((item, record | {LINE_KEY: item.key, "OpportunityId": sale.id}))
            continue
        kept.add(item.key)
        if not _holds(line, item, record):
            changed.append(record | _without_discount(line, shape) | {"id": line.id})
    gone = [line.id for key, line in sale.lines.items() if key not in kept]
    if not (made_ or changed or gone):
        notes.append("the Opportunity has these lines already")
    return _Draft(sale, made_, changed, gone, tuple(dict.fromkeys(notes)))


def _left_alone(sale: Sale) -> Iterator[str]:
    if sale.others:
        yield BOTH


def _record(item: Item, shape: Shape) -> tuple[dict[str, Any], tuple[str, ...]]:
    record: dict[str, Any] = {"attributes": {"type": SObject.LINES.value}}
    quantity, price = made(Figure, figure=item.quantity), made(Figure, figure=item.price)
    fields = {"Quantity": quantity, "UnitPrice": price, "Description": item.description or None}
    return record, fitted(fields, shape, record, set())


def _without_discount(line: Standing, shape: Shape) -> dict[str, Any]:
    """Return what takes away a discount that somebody gave: the invoice gave none on this line."""
    given = line.total != line.quantity * line.price
    return {"Discount": None} if given and "Discount" in shape.slots else {}


def _holds(line: Standing, item: Item, record: Mapping[str, Any]) -> bool:
    same = line.quantity == item.quantity and line.price == item.price
    return same and line.total == item.quantity * item.price and line.description == record.get("Description")


def _with_book(sale: SalesforceId, book: SalesforceId | None) -> Mapping[str, Any]:
    return {"attributes": {"type": SObject.OPPORTUNITY.value}, "id": sale, "Pricebook2Id": book}
