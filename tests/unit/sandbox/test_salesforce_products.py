from typing import Any

import pytest

from tests.builders.salesforce_shop import Shop, code
from tests.builders.salesforce_user import salesforce_user

LINE_KEY = "FreshBooks_Line_Id__c"
AN_ID = {
    "label": "Key", "type": "string", "length": 64, "access": "optional",
    "external_id": True, "unique": True, "id_lookup": True,
}  # fmt: skip
KEYED = {"OpportunityLineItem": {"fields": {LINE_KEY: AN_ID}}}


async def test_the_amount_of_an_opportunity_is_the_sum_of_its_lines() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal, entry = await shop.deal(), await shop.entry()

        line = (await shop.sell(deal, entry, Quantity=3, UnitPrice=33.33)).body["id"]
        await shop.sell(deal, entry, UnitPrice=-5.5)
        both = await user.row("Opportunity", deal)
        await user.call("PATCH", f"sobjects/OpportunityLineItem/{line}", {"Quantity": 2})

        assert (both["HasOpportunityLineItem"], both["Amount"], both["ExpectedRevenue"]) == (
            True,
            94.49,
            9.45,
        )
        assert both["Pricebook2Id"] == await shop.standard_book()
        assert await shop.money(deal) == (True, 61.16)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"UnitPrice": 12.5, "Quantity": 4}, (12.5, 50.0, 50.0)),
        ({"UnitPrice": None, "TotalPrice": 50, "Quantity": 4}, (12.5, 50.0, 50.0)),
        ({"UnitPrice": None, "TotalPrice": 100, "Quantity": 3}, (33.33, 100.0, 99.99)),
        ({"UnitPrice": 10, "Quantity": 2, "Discount": 12.5}, (10.0, 17.5, 20.0)),
    ],
)
async def test_one_price_of_a_line_follows_from_the_other(
    said: dict[str, Any], kept: tuple[float, float, float]
) -> None:
    async with salesforce_user() as user:
        shop = Shop(user)

        sold = await shop.sell(await shop.deal(), await shop.entry(), **said)

        line = await user.row("OpportunityLineItem", sold.body["id"])
        assert (line["UnitPrice"], line["TotalPrice"], line["Subtotal"]) == kept
        assert (line["ListPrice"], line["ProductCode"]) == (10.0, "Pa")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"UnitPrice": None}, "REQUIRED_FIELD_MISSING"),
        ({"Quantity": None}, "REQUIRED_FIELD_MISSING"),
        ({"OpportunityId": None}, "REQUIRED_FIELD_MISSING"),
        ({"TotalPrice": 10}, "INVALID_FIELD"),
        ({"PricebookEntryId": None}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"ListPrice": 10}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Description": "x" * 256}, "STRING_TOO_LONG"),
    ],
)
async def test_a_line_that_says_too_little_or_too_much_is_refused(said: dict[str, Any], why: str) -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal = await shop.deal()

        refused = await shop.sell(deal, await shop.entry(), **said)

        assert (refused.status, code(refused)) == (400, why)
        assert await shop.money(deal) == (False, 1.0)


async def test_a_line_needs_an_active_entry_of_the_price_book_of_its_opportunity() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        own = await user.create("Pricebook2", Name="Europe", IsActive=True)
        closed = await user.create("Pricebook2", Name="Old", IsActive=False)
        standard = await shop.entry()
        product = (await user.row("PricebookEntry", standard))["Product2Id"]
        shut = await user.create(
            "PricebookEntry", Product2Id=product, Pricebook2Id=closed, UnitPrice=1, IsActive=True
        )

        other_book = await shop.sell(await shop.deal(Pricebook2Id=own), standard)
        inactive = await shop.sell(
            await shop.deal(FreshBooks_Invoice_Id__c="ACM1:2"), await shop.entry("Off", IsActive=False)
        )
        inactive_book = await shop.sell(await shop.deal(FreshBooks_Invoice_Id__c="ACM1:3"), shut)

        refused = {code(seen) for seen in (other_book, inactive, inactive_book)}
        assert refused == {"FIELD_INTEGRITY_EXCEPTION"}
        assert "different pricebook" in other_book.body[0]["message"]


async def test_a_price_stands_once_in_a_book_and_first_in_the_standard_one() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        own = await user.create("Pricebook2", Name="Europe", IsActive=True)
        product = await user.create("Product2", Name="Painting")
        price = {"Product2Id": product, "UnitPrice": 10, "IsActive": True}

        too_early = await user.call("POST", "sobjects/PricebookEntry", price | {"Pricebook2Id": own})
        await user.create("PricebookEntry", **price, Pricebook2Id=await shop.standard_book())
        await user.create("PricebookEntry", **price, Pricebook2Id=own)
        twice = await user.call("POST", "sobjects/PricebookEntry", price | {"Pricebook2Id": own})

        assert (code(too_early), code(twice)) == ("STANDARD_PRICE_NOT_DEFINED", "DUPLICATE_VALUE")


async def test_a_line_has_the_currency_of_its_opportunity_and_so_must_the_entry() -> None:
    async with salesforce_user("multi-currency") as user:
        shop = Shop(user)
        deal = await shop.deal(CurrencyIsoCode="EUR")
        dollars, euros = await shop.entry(CurrencyIsoCode="USD"), await shop.entry(CurrencyIsoCode="EUR")

        refused = await shop.sell(deal, dollars)
        sold = await shop.sell(deal, euros)
        moved = await user.call("PATCH", f"sobjects/Opportunity/{deal}", {"CurrencyIsoCode": "USD"})

        assert (code(refused), code(moved)) == ("FIELD_INTEGRITY_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION")
        assert (await user.row("OpportunityLineItem", sold.body["id"]))["CurrencyIsoCode"] == "EUR"


async def test_with_lines_the_price_book_stays_and_an_amount_is_not_heard() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal = await shop.deal()
        await shop.sell(deal, await shop.entry())
        own = await user.create("Pricebook2", Name="Europe", IsActive=True)

        rebooked = await user.call("PATCH", f"sobjects/Opportunity/{deal}", {"Pricebook2Id": own})
        unheard = await user.call("PATCH", f"sobjects/Opportunity/{deal}", {"Amount": 99, "Name": "New"})

        assert (rebooked.status, code(rebooked)) == (400, "FIELD_INTEGRITY_EXCEPTION")
        assert unheard.status == 204
        assert await shop.money(deal) == (True, 10.0)


async def test_when_the_last_line_is_gone_the_amount_stays_and_is_heard_again() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal = await shop.deal()
        line = (await shop.sell(deal, await shop.entry())).body["id"]

        await user.call("DELETE", f"sobjects/OpportunityLineItem/{line}")
        gone = await shop.money(deal)
        await user.call("PATCH", f"sobjects/Opportunity/{deal}", {"Amount": 7})

        assert (gone, await shop.money(deal)) == ((False, 10.0), (False, 7.0))


async def test_lines_go_and_come_back_with_their_opportunity() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal, entry = await shop.deal(), await shop.entry()
        for price in (10, 20):
            await shop.sell(deal, entry, UnitPrice=price)
        people = user.sandbox.control.people

        await user.call("DELETE", f"sobjects/Opportunity/{deal}")
        left = people.rows("OpportunityLineItem")
        people.undelete("Opportunity", deal)

        assert left == []
        assert len(people.rows("OpportunityLineItem")) == 2
        assert await shop.money(deal) == (True, 30.0)


@pytest.mark.parametrize("kind", ["Product2", "Pricebook2", "PricebookEntry"])
async def test_what_was_sold_is_not_deleted(kind: str) -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        entry = await shop.entry()
        await shop.sell(await shop.deal(), entry)
        row = await user.row("PricebookEntry", entry)
        row_id = row["Id" if kind == "PricebookEntry" else f"{kind}Id"]

        refused = await user.call("DELETE", f"sobjects/{kind}/{row_id}")

        assert (refused.status, code(refused)) == (400, "DELETE_FAILED")


async def test_lines_are_upserted_by_a_key_and_then_say_no_more_what_they_belong_to() -> None:
    async with salesforce_user(added=KEYED) as user:
        shop = Shop(user)
        deal, entry = await shop.deal(), await shop.entry()
        line = {LINE_KEY: "A:1:1", "Quantity": 1, "UnitPrice": 10}
        belongs = {"OpportunityId": deal, "PricebookEntryId": entry}

        made = await user.upsert_many("OpportunityLineItem", LINE_KEY, line | belongs)
        again = await user.upsert_many("OpportunityLineItem", LINE_KEY, line | {"UnitPrice": 12})
        whole = await user.upsert_many("OpportunityLineItem", LINE_KEY, line | belongs)

        assert (made.body[0]["created"], again.body[0]["created"]) == (True, False)
        assert await shop.money(deal) == (True, 12.0)
        assert whole.body[0]["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
        assert whole.body[0]["errors"][0]["fields"] == ["OpportunityId", "PricebookEntryId"]


async def test_many_lines_are_added_changed_and_deleted_by_id_in_one_call_each() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal, entry = await shop.deal(), await shop.entry()
        kind = {"attributes": {"type": "OpportunityLineItem"}}
        new = kind | {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 5}

        added = await user.call("POST", "composite/sobjects", {"records": [new, new, new]})
        ids = [result["id"] for result in added.body]
        after_adding = await shop.money(deal)
        changed = [kind | {"Id": each, "UnitPrice": 6} for each in ids]
        await user.call("PATCH", "composite/sobjects", {"records": changed})
        after_change = await shop.money(deal)
        await user.call("DELETE", f"composite/sobjects?ids={','.join(ids[:2])}")

        assert (after_adding, after_change) == ((True, 15.0), (True, 18.0))
        assert await shop.money(deal) == (True, 6.0)


async def test_lines_of_a_call_that_is_taken_back_leave_the_amount_as_it_was() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal, entry = await shop.deal(), await shop.entry()
        kind = {"attributes": {"type": "OpportunityLineItem"}}
        good = kind | {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 5}

        await user.call(
            "POST", "composite/sobjects", {"allOrNone": True, "records": [good, good | {"Quantity": 0}]}
        )

        row = await user.row("Opportunity", deal)
        assert (row["HasOpportunityLineItem"], row["Amount"], row["Pricebook2Id"]) == (False, 1.0, None)


async def test_lines_are_found_by_what_they_belong_to() -> None:
    async with salesforce_user() as user:
        shop = Shop(user)
        deal = await shop.deal()
        await shop.sell(deal, await shop.entry("Painting"), Description="Walls")

        found = await user.query(
            "SELECT Description, Product2.Name, PricebookEntry.Pricebook2.IsStandard FROM OpportunityLineItem"
            " WHERE Opportunity.FreshBooks_Invoice_Id__c IN ('ACM1:1')"
            " AND PricebookEntry.Product2.Name = 'Painting'"
        )
        below = await user.query("SELECT Id, (SELECT TotalPrice FROM OpportunityLineItems) FROM Opportunity")

        (line,) = found.body["records"]
        assert (line["Description"], line["Product2"]["Name"]) == ("Walls", "Painting")
        assert line["PricebookEntry"]["Pricebook2"]["IsStandard"] is True
        assert below.body["records"][0]["OpportunityLineItems"]["records"][0]["TotalPrice"] == 10.0


async def test_describe_tells_which_fields_of_a_line_are_set_once_and_which_are_worked_out() -> None:
    async with salesforce_user("multi-currency") as user:
        seen = await user.call("GET", "sobjects/OpportunityLineItem/describe")

        rights = {each["name"]: (each["createable"], each["updateable"]) for each in seen.body["fields"]}
        assert rights["OpportunityId"] == rights["PricebookEntryId"] == (True, False)
        assert rights["Quantity"] == rights["UnitPrice"] == rights["TotalPrice"] == (True, True)
        assert rights["ListPrice"] == rights["Product2Id"] == rights["CurrencyIsoCode"] == (False, False)


async def test_a_user_of_minimum_access_sees_lines_where_opportunities_and_products_are_granted() -> None:
    async with salesforce_user("bare") as user:
        hidden = await user.call("GET", "sobjects/OpportunityLineItem/describe")
        grant = await user.create("PermissionSet", Name="Sells", Label="Sells")
        read = {"PermissionsRead": True, "PermissionsEdit": True, "ParentId": grant}
        for kind in ("Account", "Opportunity", "Product2"):
            await user.create("ObjectPermissions", SobjectType=kind, **read)
        (me,) = (await user.query("SELECT Id FROM User WHERE Username LIKE 'freshforce@%'")).body["records"]
        await user.create("PermissionSetAssignment", AssigneeId=me["Id"], PermissionSetId=grant)
        seen = await user.call("GET", "sobjects/OpportunityLineItem/describe")
        by_itself = await user.call(
            "POST", "sobjects/ObjectPermissions", read | {"SobjectType": "OpportunityLineItem"}
        )

        assert (hidden.status, seen.status, seen.body["createable"]) == (404, 200, True)
        assert code(by_itself) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
