"""What the run-as user must be able to do: objects, standard fields, the permission set that grants them."""

from collections.abc import Mapping
from typing import Final

from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.objects import Shop, Thing
from streams.domain.command import OPTIONAL, SObject

SET_NAME: Final = "FreshBooks_Connector"
SET_LABEL: Final = "FreshBooks Connector"
SET_DESCRIPTION: Final = (
    "Lets Freshforce write FreshBooks clients, invoices and payments. Made by Freshforce."
)

OBJECT_RIGHTS: Final[Mapping[str, bool]] = {
    "PermissionsRead": True,
    "PermissionsCreate": True,
    "PermissionsEdit": True,
    "PermissionsDelete": False,
    "PermissionsViewAllRecords": True,
    "PermissionsModifyAllRecords": False,
}
"""On each object that we write. To see all records is needed to find a row by its external id: one that
is owned by somebody else and hidden would be refused as a duplicate for ever."""


SHARED: Final[Mapping[str, bool]] = {"PermissionsViewAllRecords": False}
"""Products and price books belong to nobody: all of them are seen by sharing."""


def object_rights(sobject: Thing) -> Mapping[str, bool]:
    """Return what the user needs on an object: what is only found is not made, an Invoice not changed.

    A price book is not made either; to enter prices in it is to edit it.
    """
    found = sobject in OPTIONAL or sobject is Shop.BOOK
    edits = sobject is not SObject.INVOICE
    wanted = {**OBJECT_RIGHTS, "PermissionsCreate": not found, "PermissionsEdit": edits}
    return {**wanted, **SHARED} if isinstance(sobject, Shop) else wanted


STANDARD: Final[Mapping[Thing, tuple[str, ...]]] = {
    SObject.ACCOUNT: ("Phone", "Fax", "BillingAddress", "ShippingAddress"),
    SObject.CONTACT: ("AccountId", "Email", "Phone", "MobilePhone", "HomePhone"),
    SObject.OPPORTUNITY: ("AccountId", "Amount"),
    SObject.ORDER: (),
    SObject.INVOICE: (),
    SObject.LINES: ("Description", "Discount"),
    Shop.PRODUCT: ("IsActive",),
    Shop.BOOK: (),
}
"""Standard fields that we write and that need a permission, under the name by which it is given: the parts
of an address have it together. Universally required fields (names, stage, close date) have none."""

READ: Final[Mapping[Thing, tuple[str, ...]]] = {
    SObject.ACCOUNT: (),
    SObject.CONTACT: (),
    SObject.OPPORTUNITY: ("Probability",),
    SObject.ORDER: ("OpportunityId", "PoNumber"),
    SObject.INVOICE: ("ReferenceEntityId", "InvoiceNumber", "BillingAccountId"),
    SObject.LINES: (),
    Shop.PRODUCT: (),
    Shop.BOOK: ("IsActive",),
}
"""Standard fields that we only read: for the report on expected money, and to find an Order or Invoice by."""

BOOK: Final = ("Pricebook2Id",)
"""What an Opportunity gets before the first of its lines."""

ADDRESS: Final = ("Street", "City", "State", "PostalCode", "Country")


def parts(name: str) -> tuple[str, ...]:
    """Return the fields that a permission on `name` opens, as describe names them."""
    if name.endswith("Address"):
        return tuple(name.removesuffix("Address") + part for part in ADDRESS)
    return (name,)


def needed(sobject: Thing, without: frozenset[Thing] = frozenset()) -> tuple[str, ...]:
    """Return the fields on which the user needs a permission, ours last, in an org `without` some objects."""
    ours = tuple(each.name for each in DECLARED if each.sobject is sobject and each.only_with not in without)
    sells = sobject is SObject.OPPORTUNITY and SObject.LINES not in without
    return STANDARD[sobject] + (BOOK if sells else ()) + READ[sobject] + ours


OWN_FIELD: Final = "make {} and let the run-as user edit it (a set-up knows only ours), or leave it out"
"""The mend for a field that only the mapping of a connection asks for."""


def opens(sobject: Thing) -> frozenset[str]:
    """Return the fields that a set-up makes or opens, as describe names them, a person's as well."""
    own = frozenset(part for name in needed(sobject) for part in parts(name))
    persons = STANDARD[SObject.CONTACT] if sobject is SObject.ACCOUNT else ()
    return own | {f"Person{name}" for name in persons}


def rights(sobject: Thing, name: str) -> Mapping[str, bool]:
    """Return what the user needs on a field, as FieldPermissions has it."""
    return {"PermissionsRead": True, "PermissionsEdit": name not in READ[sobject]}
