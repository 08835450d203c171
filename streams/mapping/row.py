"""A row: what Salesforce should hold under an external id, before it becomes a command."""

from functools import partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from streams.domain.command import Field, Figure, Items, Lookup, SObject, Stage

ACCOUNT_KEY: Final = "FreshBooks_Client_Id__c"
CONTACT_KEY: Final = "FreshBooks_Contact_Id__c"
OPPORTUNITY_KEY: Final = "FreshBooks_Invoice_Id__c"
BY_OPPORTUNITY: Final = f"Opportunity.{OPPORTUNITY_KEY}"
"""How an Order is found: by the Opportunity that it belongs to."""
BY_PO_NUMBER: Final = "PoNumber"
"""How an Order is found where it belongs to no Opportunity: by the customer's own number for it."""
LINK: Final = "FreshBooks_Salesforce_Invoice__c"
"""On the Opportunity: the Id of Salesforce's own Invoice. A row says whether it is shown: True or None."""
BY_REFERENCE: Final = "ReferenceEntityId"
"""How Salesforce's Invoice is found: by the Order, OrderSummary or Opportunity that it refers to."""
BY_NUMBER: Final = "InvoiceNumber"
"""How it is found where none refers to them: by the number that FreshBooks' invoice has, too."""

LINE_KEY: Final = "FreshBooks_Line_Id__c"
PRODUCT_KEY: Final = "FreshBooks_Product_Id__c"
ITEMS: Final = "OpportunityLineItems"
"""The one field of a row of lines, called as Salesforce calls an Opportunity's."""

STAGE_OURS: Final = "FreshBooks_Stage__c"
STAGE_BEFORE: Final = "FreshBooks_Stage_Before__c"
"""What we wrote last of an Opportunity's stage, and what a person had chosen before we closed it."""

NOTHING: Final[dict[str, Field]] = {}


class Row(NamedTuple):
    """One Salesforce row; a field that is None is cleared, an absent one is left alone."""

    sobject: SObject
    external_id_field: str
    external_id: str
    fields: dict[str, Field]
    since: str = ""
    """What is in Salesforce from before this moment is not known to be ours; part of the content hash."""
    defaults: dict[str, Field] = NOTHING
    """What it gets besides when it is made; no part of the content hash: a changed one rewrites no row."""


class Treat(NamedTuple):
    """What a connection does with amounts: the org's currency, and the rule for others."""

    own: str = ""
    foreign: str = ""


ALIKE: Final = Treat()
"""No currency is foreign."""


def content(row: Row, treat: Treat = ALIKE) -> str:
    """Return the hash of what the row holds: equal hashes need no second call.

    A row with a foreign amount has another hash once the rule for it has changed, so that a replay writes it.
    """
    text = orjson.dumps(
        (row.fields, row.since), default=partial(_spelled, treat), option=orjson.OPT_SORT_KEYS
    )
    return blake2b(text, digest_size=16).hexdigest()


def _spelled(treat: Treat, value: Any) -> object:
    if type(value) is Figure:
        currency = value.currency
        if currency is None:
            return [str(value.figure)]
        return [str(value.figure), currency, *_foreign(treat, currency)]
    if type(value) is Lookup:
        return [value.external_id_field, value.external_id]
    if type(value) is Stage:
        return [value.phase, value.name]
    if type(value) is Items:
        said = value.model_dump(mode="json")
        return [said, *foreign] if (foreign := _foreign(treat, value.currency)) else said
    raise TypeError(type(value).__name__)


def _foreign(treat: Treat, currency: str) -> tuple[str, ...]:
    """Return what is done with an amount of `currency`; nothing special with one of the org's own."""
    return treat if treat.own and currency != treat.own else ()
