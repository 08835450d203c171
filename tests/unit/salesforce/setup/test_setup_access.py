"""Every field that a row of ours writes is one that the set-up makes sure of."""

from app.salesforce.setup.access import READ, STANDARD, needed, parts
from app.salesforce.setup.objects import EVERY, LINED, Shop, Thing
from app.sandbox.salesforce import Profile
from streams.domain.command import SObject

PARTS = ("Street", "City", "State", "PostalCode", "Country")
ADDRESSES = tuple(f"{kind}{part}" for kind in ("Billing", "Shipping") for part in PARTS)
WRITTEN: dict[Thing, tuple[str, ...]] = {
    SObject.ACCOUNT: ("Name", "Phone", "Fax", *ADDRESSES),
    SObject.CONTACT: ("LastName", "FirstName", "Email", "Phone", "MobilePhone", "HomePhone", "AccountId"),
    SObject.OPPORTUNITY: ("Name", "Amount", "CloseDate", "StageName", "AccountId"),
    SObject.ORDER: (),
    SObject.INVOICE: (),
    SObject.LINES: ("Quantity", "UnitPrice", "Description", "Discount", "PricebookEntryId", "OpportunityId"),
    Shop.PRODUCT: ("Name", "IsActive"),
    Shop.BOOK: (),
}


def test_permission_is_asked_for_each_standard_field_that_can_have_one_and_for_no_other() -> None:
    objects = Profile.named("billing").objects()

    for sobject, written in WRITTEN.items():
        fields = objects[sobject.value].fields
        permissionable = {name for name in written if fields[name].permissionable}
        assert {part for name in STANDARD[sobject] for part in parts(name)} == permissionable


def test_an_address_is_opened_as_a_whole() -> None:
    assert parts("BillingAddress")[0] == "BillingStreet"
    assert parts("Phone") == ("Phone",)
    assert "BillingStreet" not in needed(SObject.ACCOUNT)


def test_an_opportunitys_price_book_is_opened_only_where_lines_are_asked_for() -> None:
    assert "Pricebook2Id" in needed(SObject.OPPORTUNITY)
    assert "Pricebook2Id" not in needed(SObject.OPPORTUNITY, frozenset(LINED))


def test_no_object_that_we_write_is_forgotten() -> None:
    assert set(STANDARD) == set(READ) == set(WRITTEN) == set(EVERY)
