"""What a person in the org would do at the screen, and what its own processes would do: no API."""

from app.sandbox.salesforce.actor import Actor
from app.sandbox.salesforce.bin import DELETED_WITH, delete, undelete
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.products import standard_book
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Json, Refusal
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.writer import Writer


class People:
    """Pat Person, who sells. Field permissions of the integration user do not bind; the org's rules do."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def insert(self, sobject: str, *bodies: Json) -> list[str]:
        """Add rows as if typed; return their ids. Either all or none.

        Raises:
            Refusal: a row is not to be.
        """
        writer, shape = self._writer(), self._shape(sobject)
        try:
            return [writer.insert(shape, object_body(body)) for body in bodies]
        except Refusal:
            writer.undo()
            raise

    def edit(self, sobject: str, row_id: str, body: Json) -> None:
        """Change a row.

        Raises:
            Refusal: it is not there, or not to become so.
        """
        self._writer().update(self._shape(sobject), _long(row_id), body)

    def add_products(self, row_id: str) -> None:
        """Sell one product in an Opportunity for its amount, which from then on is its products' sum."""
        deal = self._org.tables["Opportunity"].rows[_long(row_id)]
        price = {"UnitPrice": deal.get("Amount") or 0.0, "IsActive": True}
        price["Pricebook2Id"] = deal.get("Pricebook2Id") or standard_book(self._org.tables)["Id"]
        if "CurrencyIsoCode" in deal:
            price["CurrencyIsoCode"] = deal["CurrencyIsoCode"]
        (product,) = self.insert("Product2", {"Name": "Services", "IsActive": True})
        (entry,) = self.insert("PricebookEntry", price | {"Product2Id": product})
        line = {"OpportunityId": deal["Id"], "PricebookEntryId": entry, "Quantity": 1.0}
        self.insert("OpportunityLineItem", line | {"UnitPrice": price["UnitPrice"]})

    def delete(self, sobject: str, row_id: str) -> None:
        """Put a row into the recycle bin.

        Raises:
            Refusal: it is not there.
        """
        delete(self._org, self._writer(), self._shape(sobject), _long(row_id))

    def undelete(self, sobject: str, row_id: str) -> None:
        """Take a row out of the recycle bin.

        Raises:
            Refusal: it is not in it, or a unique value is taken by now.
        """
        undelete(self._org, self._writer(), self._shape(sobject), _long(row_id))

    def rows(self, sobject: str, *, deleted: bool = False) -> list[Row]:
        """Return all rows of a type, every field, with `deleted` also those in the recycle bin."""
        table = self._org.tables[self._shape(sobject).name]
        return [
            {name: value for name, value in row.items() if name != DELETED_WITH}
            for row in table.every(deleted=deleted)
        ]

    def _shape(self, sobject: str) -> Shape:
        return shape_of(sobject, self._org.people_shapes)

    def _writer(self) -> Writer:
        return Writer(self._org, Actor(self._org.users.person, through_api=False))


def _long(row_id: str) -> str:
    return normal_id(row_id) or row_id
