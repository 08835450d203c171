"""A row: what Salesforce should hold under an external id, before it becomes a command."""

from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from streams.domain.command import Field, Figure, Lookup, SObject

ACCOUNT_KEY: Final = "FreshBooks_Client_Id__c"
CONTACT_KEY: Final = "FreshBooks_Contact_Id__c"
OPPORTUNITY_KEY: Final = "FreshBooks_Invoice_Id__c"


class Row(NamedTuple):
    """One Salesforce row; a field that is None is cleared, an absent one is left alone."""

    sobject: SObject
    external_id_field: str
    external_id: str
    fields: dict[str, Field]
    since: str = ""
    """What is in Salesforce from before this moment is not known to be ours; part of the content hash."""


def content(row: Row) -> str:
    """Return the hash of what the row holds: equal hashes need no second call."""
    text = orjson.dumps((row.fields, row.since), default=_spelled, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=16).hexdigest()


def _spelled(value: Any) -> object:
    if type(value) is Figure:
        return [str(value.figure)]
    if type(value) is Lookup:
        return [value.external_id_field, value.external_id]
    raise TypeError(type(value).__name__)
