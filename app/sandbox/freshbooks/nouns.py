"""FreshBooks' nouns that the sandbox keeps, and where they live."""

from enum import StrEnum
from typing import NamedTuple


class Noun(StrEnum):
    """An object's singular name: the wrapper of its JSON and the first half of its events' names."""

    CLIENT = "client"
    INVOICE = "invoice"
    PAYMENT = "payment"
    ESTIMATE = "estimate"


class Place(NamedTuple):
    """How a resource is addressed."""

    plural: str
    path: str
    id_field: str
    """The id's name in error messages."""


PLACES = {
    Noun.CLIENT: Place("clients", "users/clients", "userid"),
    Noun.INVOICE: Place("invoices", "invoices/invoices", "invoiceid"),
    Noun.PAYMENT: Place("payments", "payments/payments", "logid"),
    Noun.ESTIMATE: Place("estimates", "estimates/estimates", "estimateid"),
}
NOUN_AT = {place.path: noun for noun, place in PLACES.items()}

EMPTY_LISTS = {
    "credit_notes/credit_notes": "credit_notes",
    "items/items": "items",
    "taxes/taxes": "taxes",
    "expenses/expenses": "expenses",
    "bills/bills": "bills",
    "bill_vendors/bill_vendors": "bill_vendors",
    "invoice_profiles/invoice_profiles": "invoice_profiles",
}
"""Resources that exist and are empty."""

SCOPE_OF = {"items": "billable_items", "invoice_profiles": "invoices"}
"""Where the scope is not named as the resource."""
