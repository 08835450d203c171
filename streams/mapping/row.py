"""A row: what Salesforce should hold under an external id, before it becomes a command."""

from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from streams.domain.command import Field, Figure, Lookup, SObject, Stage

ACCOUNT_KEY: Final = "FreshBooks_Client_Id__c"
CONTACT_KEY: Final = "FreshBooks_Contact_Id__c"
OPPORTUNITY_KEY: Final = "FreshBooks_Invoice_Id__c"

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


def content(row: Row) -> str:
    """Return the hash of what the row holds: equal hashes need no second call."""
    text = orjson.dumps((row.fields, row.since), default=_spelled, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=16).hexdigest()


def _spelled(value: Any) -> object:
    if type(value) is Figure:
        return [str(value.figure)]
    if type(value) is Lookup:
        return [value.external_id_field, value.external_id]
    if type(value) is Stage:
        return [value.phase, value.name]
    raise TypeError(type(value).__name__)
