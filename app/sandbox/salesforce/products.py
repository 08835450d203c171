"""What the org holds products, prices and the lines of an Opportunity to, and what it works out of them.

After the object reference: Product2, Pricebook2, PricebookEntry, OpportunityLineItem.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.salesforce.derive import Derive, Written
from app.sandbox.salesforce.refusal import Code, Refusal, refuse
from app.sandbox.salesforce.rows import Row, Table

CENT = Decimal("0.01")
PERCENT = 100


def product_derivations(tables: Mapping[str, Table]) -> dict[str, Derive]:
    """Return what checks and completes prices and lines as they are written."""
    shop = _Shop(tables)
    return {"PricebookEntry": shop.price, "OpportunityLineItem": shop.line}


class _Shop:
    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables

    def price(self, written: Written) -> None:
        """Keep one price per product, book and currency, and the standard book's before any other's."""
        new = written.new
        product = self._tables["Product2"].rows[new["Product2Id"]]
        new |= {"Name": product["Name"], "ProductCode": product.get("ProductCode")}
        if self._price_in(new["Pricebook2Id"], new) is not None:
            raise refuse(Code.DUPLICATE_VALUE, "This price definition already exists in this price book")
        standard = standard_book(self._tables)
        if new["Pricebook2Id"] == standard["Id"]:
            return
        if (usual := self._price_in(standard["Id"], new)) is None:
            raise refuse(Code.STANDARD_PRICE_NOT_DEFINED, "No standard price defined for this product")
        usual_price = self._tables["PricebookEntry"].rows[usual]["UnitPrice"]
        if new["UseStandardPrice"] and new["UnitPrice"] != usual_price:
            raise _integrity(at="UnitPrice", why="the standard price is used")

    def _price_in(self, book: str, like: Row) -> str | None:
        table = self._tables["PricebookEntry"]
        for row in table.some(table.find("Product2Id", like["Product2Id"])):
            alike = row.get("CurrencyIsoCode") == like.get("CurrencyIsoCode")
            if row["Pricebook2Id"] == book and alike and row["Id"] != like["Id"]:
                return str(row["Id"])
        return None

    def line(self, written: Written) -> None:
        """Take product and list price from the entry, and work out one price from the other."""
        new = written.new
        if written.old is None:
            self._enter(new)
        _reckon(written)

    def _enter(self, new: Row) -> None:
        if (entry_id := new.get("PricebookEntryId")) is None:
            why = "versions 3.0 and higher must specify pricebook entry id; others must specify product id"
            raise _integrity(at="PricebookEntryId", why=why)
        entry = self._tables["PricebookEntry"].rows[entry_id]
        opportunity = self._tables["Opportunity"].rows[new["OpportunityId"]]
        self._refuse_strange(entry, opportunity)
        new |= {"Product2Id": entry["Product2Id"], "ProductCode": entry.get("ProductCode")}
        new |= {"ListPrice": entry["UnitPrice"], "Name": f"{opportunity['Name']} {entry['Name']}"}
        if "CurrencyIsoCode" in opportunity:
            new["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]

    def _refuse_strange(self, entry: Row, opportunity: Row) -> None:
        """Let an entry pass that is active and of the Opportunity's currency and price book."""
        if opportunity.get("Pricebook2Id") not in {None, entry["Pricebook2Id"]}:
            why = "pricebook entry is in a different pricebook than the one assigned to the opportunity"
            raise _integrity(at="PricebookEntryId", why=why)
        if not entry["IsActive"]:
            raise _integrity(at="PricebookEntryId", why="pricebook entry is inactive")
        if not self._tables["Pricebook2"].rows[entry["Pricebook2Id"]]["IsActive"]:
            raise _integrity(at="PricebookEntryId", why="pricebook is inactive")
        if entry.get("CurrencyIsoCode") != opportunity.get("CurrencyIsoCode"):
            why = "The pricebook entry currency code does not match the opportunity currency code"
            raise _integrity(at="PricebookEntryId", why=why)


def _reckon(written: Written) -> None:
    """Let unit price, quantity and discount make the total, or the total make the unit price."""
    new, changes = written.new, written.changes
    priced = {name for name in ("UnitPrice", "TotalPrice") if changes.get(name) is not None}
    if len(priced) > 1:
        told = "Cannot change both 'UnitPrice' and 'TotalPrice' in update call"
        raise refuse(Code.INVALID_FIELD, told, "UnitPrice")
    if not priced and (written.old is None or new.get("UnitPrice") is None):
        raise refuse(Code.REQUIRED_FIELD_MISSING, "Required fields are missing: [UnitPrice]", "UnitPrice")
    if not new["Quantity"]:
        raise _integrity(at="Quantity", why="quantity must be nonzero")
    share = 1 - _exact(new.get("Discount") or 0.0) / PERCENT
    quantity = _exact(new["Quantity"])
    if "TotalPrice" in priced and share:
        new["UnitPrice"] = _cents(_exact(new["TotalPrice"]) / quantity / share)
    if "TotalPrice" not in priced:
        new["TotalPrice"] = _cents(_exact(new["UnitPrice"]) * quantity * share)
    new["Subtotal"] = _cents(_exact(new["UnitPrice"]) * quantity)


def standard_book(tables: Mapping[str, Table]) -> Row:
    """Return the price book that every org has."""
    return next(row for row in tables["Pricebook2"].rows.values() if row["IsStandard"])


def summed(tables: Mapping[str, Table], opportunity_id: str) -> Row:
    """Return an Opportunity as its lines make it: Amount is their sum, the price book theirs.

    When the last line is gone the Amount stays as it was, and is heard again from then on.
    """
    table = tables["OpportunityLineItem"]
    lines = list(table.some(table.find("OpportunityId", opportunity_id)))
    opportunity = tables["Opportunity"].rows[opportunity_id] | {"HasOpportunityLineItem": bool(lines)}
    if not lines:
        return opportunity
    amount = _cents(sum((_exact(line["TotalPrice"]) for line in lines), Decimal(0)))
    book = tables["PricebookEntry"].rows[lines[0]["PricebookEntryId"]]["Pricebook2Id"]
    expected = round(amount * opportunity["Probability"] / PERCENT, 2)
    return opportunity | {"Pricebook2Id": book, "Amount": amount, "ExpectedRevenue": expected}


def _integrity(*, at: str, why: str) -> Refusal:
    return refuse(Code.FIELD_INTEGRITY_EXCEPTION, f"field integrity exception: {at} ({why})", at)


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _cents(value: Decimal) -> float:
    return float(value.quantize(CENT, ROUND_HALF_UP))
