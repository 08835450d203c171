"""Fields that are parts of one: permissions are given on the whole address, never on its street."""

import re

from app.sandbox.salesforce.schema import Field

PARTS = re.compile(r"(Billing|Shipping|Mailing|Other|Person\w+)(?:Street|City|State|PostalCode|Country)")
NAMES = frozenset({"FirstName", "LastName", "Salutation"})


def compound_of(name: str) -> str | None:
    """Return the field that a standard field of this name is a part of."""
    if name in NAMES:
        return "Name"
    part = PARTS.fullmatch(name)
    return f"{part[1]}Address" if part else None


def granted_as(field: Field) -> str:
    """Return the name under which permission on `field` is given."""
    return field.name if field.custom else compound_of(field.name) or field.name


def needs_permission(field: Field) -> bool:
    """Tell whether field permissions bind `field`; ids, stamps and the currency's code are for everybody."""
    kept_by_org = not (field.nillable or field.createable or field.updateable)
    return field.permissionable and not kept_by_org and field.name != "CurrencyIsoCode"
