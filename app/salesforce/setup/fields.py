"""The custom fields that our rows need: the one list from which an org is set up, checked and exported."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.salesforce.setup.objects import Shop, Thing
from streams.domain.command import SObject
from streams.mapping.row import (
    ACCOUNT_KEY,
    CONTACT_KEY,
    LINE_KEY,
    LINK,
    OPPORTUNITY_KEY,
    PRODUCT_KEY,
    STAGE_BEFORE,
    STAGE_OURS,
)


class Kind(StrEnum):
    """Salesforce's types of custom fields, as far as we use them."""

    TEXT = "Text"
    EMAIL = "Email"
    LONG_TEXT = "LongTextArea"
    DATE = "Date"
    NUMBER = "Number"


@dataclass(frozen=True, slots=True)
class CustomField:
    """One field as we ask an admin for it."""

    sobject: Thing
    name: str
    label: str
    description: str
    kind: Kind
    length: int = 0
    """Characters of a text."""
    precision: int = 0
    """Digits of a number, with those behind the point."""
    scale: int = 0
    only_with: SObject | None = None
    """An object without which an org has no use for it."""
    key: bool = False
    """Whether rows are found by it: an external id, unique, told apart by case."""

    @property
    def full_name(self) -> str:
        """Its name with that of its object, as Salesforce writes it in permissions."""
        return f"{self.sobject.value}.{self.name}"

    @property
    def spelled(self) -> str:
        """Its type as an admin's screen shows it: Text(64), unique external id."""
        places = f"({self.precision - self.scale}, {self.scale})" if self.precision else ""
        size = f"({self.length})" if self.length else places
        return f"{self.kind.value}{size}{', unique external id' if self.key else ''}"

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the Metadata and Tooling APIs are told of it."""
        told: dict[str, Any] = {"type": self.kind.value, "label": self.label}
        told["description"] = self.description
        if self.kind is not Kind.LONG_TEXT:  # of which Salesforce takes no word on it
            told["required"] = False
        match self.kind:
            case Kind.TEXT:
                told |= {"length": self.length, "externalId": self.key, "unique": self.key}
                if self.key:
                    told["caseSensitive"] = True
            case Kind.LONG_TEXT:
                told |= {"length": self.length, "visibleLines": 3}
            case Kind.NUMBER:
                told |= {"precision": self.precision, "scale": self.scale}
            case Kind.EMAIL | Kind.DATE:
                pass
        return told


def _key(sobject: Thing, name: str, what: str, of: str = "account:id") -> CustomField:
    says = f"Which {what} of FreshBooks this is ({of}). Freshforce finds the record by it: do not edit."
    return CustomField(sobject, name, _label(name), says, Kind.TEXT, length=64, key=True)


def _text(sobject: SObject, name: str, length: int, description: str) -> CustomField:
    return CustomField(sobject, name, _label(name), description, Kind.TEXT, length=length)


def _plain(sobject: SObject, name: str, kind: Kind, description: str) -> CustomField:
    return CustomField(sobject, name, _label(name), description, kind)


def _label(name: str) -> str:
    return name.removesuffix("__c").replace("_", " ")


_ACCOUNT, _CONTACT, _OPPORTUNITY = SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY

DECLARED: Final = (
    _key(_ACCOUNT, ACCOUNT_KEY, "client"),
    _plain(_ACCOUNT, "FreshBooks_Email__c", Kind.EMAIL, "The client's e-mail address in FreshBooks."),
    _text(
        _ACCOUNT,
        "FreshBooks_Payment_Status__c",
        40,
        "How far all invoices together are paid: overdue, unpaid, partial or paid.",
    ),
    _text(_ACCOUNT, "FreshBooks_Outstanding__c", 255, "What the client owes, per currency, not converted."),
    _text(_ACCOUNT, "FreshBooks_Overdue__c", 255, "What of it is overdue, per currency, not converted."),
    _text(_ACCOUNT, "FreshBooks_Paid__c", 255, "What the client has paid, per currency, not converted."),
    CustomField(
        _ACCOUNT,
        "FreshBooks_Open_Invoices__c",
        "FreshBooks Open Invoices",
        "Numbers of the invoices not yet paid.",
        Kind.LONG_TEXT,
        length=32_768,
    ),
    _plain(_ACCOUNT, "FreshBooks_Last_Invoice__c", Kind.DATE, "The date of the newest invoice."),
    _text(_ACCOUNT, "FreshBooks_Last_Invoice_Number__c", 80, "The number of the newest invoice."),
    _plain(_ACCOUNT, "FreshBooks_Last_Payment__c", Kind.DATE, "When the client paid last."),
    _key(_CONTACT, CONTACT_KEY, "client's person"),
    _key(_OPPORTUNITY, OPPORTUNITY_KEY, "invoice"),
    _text(_OPPORTUNITY, "FreshBooks_Invoice_Number__c", 80, "The invoice's number in FreshBooks."),
    _plain(_OPPORTUNITY, "FreshBooks_Due_Date__c", Kind.DATE, "When the invoice is due."),
    CustomField(
        _OPPORTUNITY,
        "FreshBooks_Outstanding__c",
        "FreshBooks Outstanding",
        "What is left to pay of the invoice, in its own currency.",
        Kind.NUMBER,
        precision=18,
        scale=2,
    ),
    _text(
        _OPPORTUNITY,
        "FreshBooks_Payment_Status__c",
        40,
        "How far the invoice is paid: draft, unpaid, partial, paid or deleted.",
    ),
    CustomField(
        _OPPORTUNITY,
        "FreshBooks_Amount__c",
        "FreshBooks Amount",
        "The amount of the invoice, in its own currency.",
        Kind.NUMBER,
        precision=18,
        scale=2,
    ),
    _text(_OPPORTUNITY, "FreshBooks_Currency__c", 3, "The invoice's currency (ISO 4217)."),
    _plain(_OPPORTUNITY, "FreshBooks_Paid_Date__c", Kind.DATE, "When the invoice was paid in full."),
    _text(
        _OPPORTUNITY,
        STAGE_OURS,
        255,
        "The stage that Freshforce set last. Where the stage is another one, a person set it: do not edit.",
    ),
    _text(
        _OPPORTUNITY,
        STAGE_BEFORE,
        255,
        "The stage that somebody chose before Freshforce closed it, to go back to: do not edit.",
    ),
    CustomField(
        _OPPORTUNITY,
        LINK,
        _label(LINK),
        "Id of Salesforce's own Invoice of this one, once it is paid.",
        Kind.TEXT,
        length=18,
        only_with=SObject.INVOICE,
    ),
    CustomField(
        SObject.ORDER,
        "FreshBooks_Invoice_Amount__c",
        "FreshBooks Invoice Amount",
        "What the invoice of the Order's Opportunity comes to, in its own currency.",
        Kind.NUMBER,
        precision=18,
        scale=2,
    ),
    _text(SObject.ORDER, "FreshBooks_Currency__c", 3, "The currency of that amount (ISO 4217)."),
    _key(SObject.LINES, LINE_KEY, "line of an invoice", "account:invoice:line"),
    _key(Shop.PRODUCT, PRODUCT_KEY, "item", "account:a hash of its name"),
)
"""Every custom field that a row of ours writes, keys first within their object; those of line items last."""


def declared(sobject: Thing) -> tuple[CustomField, ...]:
    """Return our fields of one object."""
    return tuple(field for field in DECLARED if field.sobject is sobject)
