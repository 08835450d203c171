"""What lines are sold by: our products, and their entries in price books; found, or made once."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal, of_reply, unknown_outcome
from app.salesforce.answers.results import Known, Outcome, results
from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.found.standing import row_id
from app.salesforce.shape.describe import ISO_CODE, Shape
from app.salesforce.wire.wire import Reply
from streams.domain.identity import SalesforceId
from streams.mapping.row import PRODUCT_KEY

MOST: Final = 200
"""Records of one call."""
ROOM: Final = 20_000
"""Entries that are remembered of one org."""
KEPT: Final = 3600.0
"""Seconds after which entries are looked up again: a person may have put a product's id on another one."""
INACTIVE: Final = Refusal(
    Meaning.PERMANENT,
    "inactive-price",
    "the price of a product of this invoice, or its price book, is not active",
    "activate the price book entry of the product and its book",
)
NO_BOOK: Final = Refusal(
    Meaning.PERMANENT,
    "no-standard-price-book",
    "the org has no standard price book in use, or hides it from our user",
    "activate it (Setup: Price Books) and let the run-as user read Pricebook2",
)
NOT_SEEN: Final = unknown_outcome("a product or price that was made is not there yet")

Key = tuple[str, str, str]
"""Product (its external id), price book (its id; empty: the standard one) and currency."""


class Wanted(NamedTuple):
    """A price that is needed."""

    product: str
    name: str
    book: str
    currency: str

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.product, self.book, self.currency


@dataclass(slots=True)
class Prices:
    """One org's entries, as far as we sold by them. One lane at a time makes what is missing."""

    client: Client
    kept: float = KEPT
    _known: dict[Key, SalesforceId] = field(default_factory=dict)
    _since: float = float("-inf")
    _standard: SalesforceId | None = None
    _one_makes: asyncio.Lock = field(default_factory=asyncio.Lock)

    def forget(self) -> None:
        """Look at everything again: an entry was refused."""
        self._known.clear()
        self._standard = None

    def doubt(self, keys: Iterable[Key]) -> None:
        """Look at these entries again: a line is sold by another product than the one that we know of."""
        for key in keys:
            self._known.pop(key, None)

    async def standard(self) -> SalesforceId | None:
        """Return the id of the standard price book; None where none is in use that we see.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: the org cannot be asked.
        """
        if self._standard is None:
            query = soql.select("Id", "Pricebook2", "IsStandard = true AND IsActive = true")
            rows = [row async for row in self.client.query(query)]
            self._standard = row_id(rows[0]) if rows else None
        return self._standard

    async def entries(self, wanted: Iterable[Wanted]) -> Mapping[Key, SalesforceId | Refusal]:
        """Return the entry of each that is wanted, or why the org would not have it.

        An entry that we make has the list price 0: what was invoiced stands on the line.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: the org cannot be asked.
        """
        needed = {it.key: it for it in wanted}
        async with self._one_makes:
            self._age()
            refused: dict[Key, Refusal] = {}
            if any(key not in self._known for key in needed):
                if (standard := await self.standard()) is None:
                    return dict.fromkeys(needed, NO_BOOK)
                refused = await self._find(needed.values(), standard)
                refused |= await self._make_missing(
                    [needed[key] for key in needed if key not in refused], standard
                )
            return {key: refused.get(key) or self._known[key] for key in needed}

    def _age(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._since > self.kept or len(self._known) > ROOM:
            self.forget()
            self._since = now

    async def _find(self, wanted: Iterable[Wanted], standard: SalesforceId) -> dict[Key, Refusal]:
        """Note the entries that are there; return those that nothing can be sold by."""
        products = sorted({it.product for it in wanted})
        many = [ISO_CODE] if any(it.currency for it in wanted) else []
        active = ("IsActive", "Pricebook2.IsActive")
        columns = ", ".join(("Id", f"Product2.{PRODUCT_KEY}", "Pricebook2Id", *active, *many))
        begin = soql.select(columns, "PricebookEntry", f"Product2.{PRODUCT_KEY} IN")
        refused: dict[Key, Refusal] = {}
        async for record in self.client.query_in(begin, products):
            product = str((record.get("Product2") or {}).get(PRODUCT_KEY))
            book, currency = str(record.get("Pricebook2Id")), str(record.get(ISO_CODE) or "")
            keys = [(product, book, currency)] + [(product, "", currency)] * (book == standard)
            if _active(record):
                self._known |= dict.fromkeys(keys, row_id(record))
            else:
                self.doubt(keys)
                refused |= dict.fromkeys(keys, INACTIVE)
        return refused

    async def _make_missing(self, needed: Sequence[Wanted], standard: SalesforceId) -> dict[Key, Refusal]:
        """Make products, then their standard prices, then those of other books; return what was refused."""
        missing = [it for it in needed if it.key not in self._known]
        if not missing:
            return {}
        ids, refused = await self._products({it.product: it.name for it in missing})
        no = {it.key: refused[it.product] for it in missing if it.product in refused}
        rest = [it for it in missing if it.key not in no]
        usual = {(it.product, "", it.currency): it._replace(book="") for it in rest}
        self.doubt((it.product, "", it.currency) for it in rest if it.book == standard)
        no |= await self._enter([it for it in usual.values() if it.key not in self._known], ids, standard)
        no |= {it.key: no[usual_key] for it in rest if (usual_key := (it.product, "", it.currency)) in no}
        other = [it for it in rest if it.book not in {"", standard} and it.key not in no]
        no |= await self._enter(other, ids, standard)
        found = await self._find(missing, standard)  # results name no record
        no = {it.key: NOT_SEEN for it in missing} | found | no
        return {key: refusal for key, refusal in no.items() if key not in self._known}

    async def _products(self, names: Mapping[str, str]) -> tuple[dict[str, SalesforceId], dict[str, Refusal]]:
        """Return the ids of products by external id, and what was refused; what is there keeps its name.

        Ids are read back: results name no record, and in another order a product would be sold as another.
        """
        ids = await self._ids(names)
        new = [product for product in names if product not in ids]
        records = [_kind("Product2") | {PRODUCT_KEY: it, "Name": names[it], "IsActive": True} for it in new]
        outcomes: list[Outcome] = []
        for at in range(0, len(records), MOST):
            body = _body(records[at : at + MOST])
            reply = await self.client.upsert("Product2", PRODUCT_KEY, body)
            outcomes += _outcomes("Product2", reply, new[at : at + MOST])
        told = dict(zip(new, outcomes, strict=True))
        ids |= await self._ids(new) if new else {}
        refused = {key: it if isinstance(it, Refusal) else NOT_SEEN for key, it in told.items()}
        return ids, {key: it for key, it in refused.items() if key not in ids}

    async def _ids(self, products: Iterable[str]) -> dict[str, SalesforceId]:
        begin = soql.select(f"Id, {PRODUCT_KEY}", "Product2", f"{PRODUCT_KEY} IN")
        rows = self.client.query_in(begin, products)
        return {str(row.get(PRODUCT_KEY)): row_id(row) async for row in rows}

    async def _enter(
        self, wanted: Sequence[Wanted], ids: Mapping[str, str], standard: SalesforceId
    ) -> dict[Key, Refusal]:
        refused: dict[Key, Refusal] = {}
        for at in range(0, len(wanted), MOST):
            part = wanted[at : at + MOST]
            records = [_entry(it, ids[it.product], standard) for it in part]
            body = {"allOrNone": False, "records": records}
            reply = await self.client.ask("create", "POST", "/composite/sobjects", body)
            told = zip(part, _outcomes("PricebookEntry", reply, part), strict=True)
            refused |= {it.key: outcome for it, outcome in told if isinstance(outcome, Refusal)}
        return refused


def _active(record: Mapping[str, Any]) -> bool:
    book = record.get("Pricebook2")
    return record.get("IsActive") is True and isinstance(book, Mapping) and book.get("IsActive") is True


def _entry(it: Wanted, product: str, standard: SalesforceId) -> dict[str, Any]:
    record = _kind("PricebookEntry") | {"Product2Id": product, "Pricebook2Id": it.book or standard}
    record |= {"UnitPrice": 0, "IsActive": True}
    return record | {ISO_CODE: it.currency} if it.currency else record


def _kind(sobject: str) -> dict[str, Any]:
    return {"attributes": {"type": sobject}}


def _body(records: Sequence[Mapping[str, Any]]) -> bytes:
    return orjson.dumps({"allOrNone": False, "records": records})


def _outcomes(sobject: str, reply: Reply, asked: Sequence[object]) -> list[Outcome]:
    if not reply.ok:
        return [of_reply(reply)] * len(asked)
    shape = Shape(sobject, {}, frozenset())
    return results(reply, shape, [(str(number),) * 2 for number in range(len(asked))], Known())
