"""Somebody who sells products in a Salesforce sandbox."""

from typing import Any

from tests.builders.salesforce_user import SalesforceUser, Seen, an_opportunity


class Shop:
    """A user who sells."""

    def __init__(self, user: SalesforceUser) -> None:
        self.user = user

    async def standard_book(self) -> str:
        seen = await self.user.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true AND IsActive = true")
        (row,) = seen.body["records"]
        return str(row["Id"])

    async def entry(self, name: str = "Painting", **fields: Any) -> str:
        product = await self.user.create("Product2", Name=name, ProductCode=name[:2], IsActive=True)
        said = {"Pricebook2Id": await self.standard_book(), "UnitPrice": 10, "IsActive": True} | fields
        return await self.user.create("PricebookEntry", Product2Id=product, **said)

    async def deal(self, **fields: Any) -> str:
        return await self.user.create("Opportunity", **an_opportunity(**({"Amount": 1} | fields)))

    async def sell(self, deal: str, entry: str, **fields: Any) -> Seen:
        whole = {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 10} | fields
        said = {name: value for name, value in whole.items() if value is not None}
        return await self.user.call("POST", "sobjects/OpportunityLineItem", said)

    async def money(self, deal: str) -> tuple[bool, float]:
        row = await self.user.row("Opportunity", deal)
        return row["HasOpportunityLineItem"], row["Amount"]


def code(seen: Seen) -> str:
    return str(seen.body[0]["errorCode"])
