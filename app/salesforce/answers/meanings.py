"""What each of Salesforce's codes means to us, and the mend (facts: Salesforce, sections 1 and 7)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

SETUP = "run `freshforce setup salesforce NAME` or give the run-as user field-level access"


def mend_at(connection: str, mend: str) -> str:
    """Return a mend with the name of the connection that it is for, where its commands say NAME."""
    return re.sub(r"\bNAME\b", connection, mend)


class Meaning(StrEnum):
    """What to do with a refused row or request."""

    TRANSIENT = "transient"
    """The same will pass later: wait and send again."""
    ONCE = "once"
    """A race: sending it once more cures it; a second time it is permanent."""
    SCHEMA = "schema"
    """The org's fields are not as we knew them: describe again, send once more; then permanent."""
    DEPENDENCY = "dependency"
    """The parent row is not there (yet)."""
    PERMANENT = "permanent"
    """The row will never pass as it is."""
    CONFIGURATION = "configuration"
    """Nothing will pass until a person changes a setting: keep the rows, ask again slowly."""
    BUDGET = "budget"
    """The org's API calls are used up: keep the rows, pause this org."""
    SESSION = "session"
    """The token is dead: log in once and send again."""


class Words(NamedTuple):
    """What a code means, the cause in a person's words, and the mends."""

    meaning: Meaning
    cause: str
    mend: str
    """What helps so that the same row passes then."""
    instead: str = ""
    """What has another row made; it says how that one gets there."""


_WAIT: Final = "nothing to do: it is sent again by itself"
_ANEW: Final = (
    "then replay the object (`freshforce replay preview NAME --only KIND:ID`): "
    "a retry sends the row as it was"
)
"""What a changed mapping takes: a dead letter of deliver holds a row that the mapping of then made."""
_DATA: Final = f"correct it in FreshBooks, and it goes by itself; or in the mapping, {_ANEW}"
_REPORT: Final = "report it with its code, and upgrade to a release that mends it"

T, P, C = Meaning.TRANSIENT, Meaning.PERMANENT, Meaning.CONFIGURATION

CODES: Final[Mapping[str, Words]] = {
    # May pass later.
    "UNABLE_TO_LOCK_ROW": Words(T, "another transaction holds the row", _WAIT),
    "SERVER_UNAVAILABLE": Words(T, "Salesforce is not available", _WAIT),
    "UNKNOWN_EXCEPTION": Words(T, "Salesforce failed inside", _WAIT),
    "QUERY_TIMEOUT": Words(T, "the query took too long", _WAIT),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Words(T, "rolled back because of another row", _WAIT),
    "PROCESSING_HALTED": Words(T, "rolled back because of another request", _WAIT),
    "DUPLICATE_VALUE": Words(
        Meaning.ONCE,
        "another row holds this unique value",
        "let the run-as user see all records of this object, or free the value on the named record",
    ),
    "ENTITY_IS_DELETED": Words(
        Meaning.ONCE, "the row is in Salesforce's recycle bin", "restore or purge the record"
    ),
    "INVALID_SESSION_ID": Words(
        Meaning.SESSION,
        "Salesforce does not accept our session",
        "let the app's policies allow the REST API to its run-as user; then `freshforce ping NAME`",
    ),
    # The org's allowance.
    "REQUEST_LIMIT_EXCEEDED": Words(
        Meaning.BUDGET,
        "the org's daily API calls are used up",
        "wait for the window, buy calls, or lower the use of other integrations",
    ),
    # A person must change the org or the connection; nothing of it can pass meanwhile.
    "STORAGE_LIMIT_EXCEEDED": Words(C, "the org's data storage is full", "free or buy data storage"),
    "API_CURRENTLY_DISABLED": Words(
        C, "the org's API is switched off", "ask Salesforce support to enable the API"
    ),
    "API_DISABLED_FOR_ORG": Words(C, "the org's edition has no API", "get API access for this edition"),
    "NOT_FOUND": Words(C, "the object or its external id field is not there for us", SETUP),
    "INVALID_TYPE": Words(C, "the object does not exist for the run-as user", SETUP),
    "INSUFFICIENT_ACCESS": Words(C, "the run-as user may not do this", SETUP),
    "FORBIDDEN": Words(
        C,
        "we are turned away, and nobody says why",
        "see whether a proxy or firewall answers in Salesforce's place, or the app's policies bar us",
    ),
    "UNSUPPORTED_API_VERSION": Words(
        C, "the org does not serve this API version", "set `salesforce_api_version` of the connection"
    ),
    "METHOD_NOT_ALLOWED": Words(C, "Salesforce does not offer this operation here", _REPORT),
    "REDIRECTED": Words(
        C, "the address leads elsewhere", "set the connection's domain to the org's My Domain address"
    ),
    # The org's fields.
    "INVALID_FIELD": Words(Meaning.SCHEMA, "the org has no such field, or hides it from us", SETUP),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Words(
        Meaning.SCHEMA, "the run-as user may not write the field", SETUP
    ),
    # The row will never pass as it is.
    "DUPLICATE_EXTERNAL_ID": Words(
        P, "several records carry this external id", "make the field unique and merge the records"
    ),
    "DUPLICATES_DETECTED": Words(
        P,
        "a duplicate rule of the org stopped it",
        "match the client with the named record (an Account: `freshforce match accept NAME CLIENT ID`), "
        "or relax the rule",
    ),
    "REQUIRED_FIELD_MISSING": Words(
        P,
        "the org requires the field",
        "have the org no longer require it",
        f"give it a value in the mapping (`freshforce mapping check NAME` shows the line), {_ANEW}",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Words(
        P,
        "a validation rule of the org stopped it",
        "exempt the run-as user from the rule",
        f"satisfy the rule: {_DATA}",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Words(
        P, "a lookup filter of the org stopped it", "relax the filter", _DATA
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Words(
        P,
        "the picklist does not have this value",
        "add the value to the picklist",
        f"map it to one it has, {_ANEW}",
    ),
    "STRING_TOO_LONG": Words(
        P, "the text does not fit the field", "lengthen the field", f"shorten the text: {_DATA}"
    ),
    "INVALID_EMAIL_ADDRESS": Words(P, "Salesforce does not take this e-mail address", "", _DATA),
    "NUMBER_OUTSIDE_VALID_RANGE": Words(P, "the number does not fit the field", "widen the field", _DATA),
    "FOREIGN_AMOUNT": Words(
        P,
        "the amount is in another currency than the org's only one",
        "set the connection's foreign_amount (`freshforce connections set NAME foreign_amount=…`), "
        "or enable multiple currencies in the org",
    ),
    "FIELD_INTEGRITY_EXCEPTION": Words(P, "the value contradicts another field", "", _DATA),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Words(
        P, "the value is of another type than the field", "give the field a type that takes it", _DATA
    ),
    "MALFORMED_ID": Words(
        P,
        "a reference is not a Salesforce id of that object",
        "",
        f"correct it in the mapping, {_ANEW}",
    ),
    "INVALID_CROSS_REFERENCE_KEY": Words(
        P,
        "a reference points at nothing the run-as user can use",
        "check owner and record type, and let the run-as user use what they name",
        f"correct them in the mapping, {_ANEW}",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Words(
        P, "the run-as user may not use the referenced record", "share the record with the run-as user"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Words(
        P, "the run-as user may not change the record", "share the record with the run-as user"
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Words(
        P,
        "the object refuses writing, or a trigger of the org failed",
        "give the run-as user Create and Edit on it (`freshforce setup salesforce NAME`), "
        "or mend the trigger",
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": Words(
        P, "a flow of the org failed", "mend the flow (its error e-mail says what failed)"
    ),
    "TXN_SECURITY_NO_ACCESS": Words(
        P, "a transaction security policy stopped it", "exempt the run-as user from the policy"
    ),
    "JSON_PARSER_ERROR": Words(P, "Salesforce could not read the request", _REPORT),
    "MALFORMED_QUERY": Words(P, "Salesforce could not read the query", _REPORT),
    "REQUEST_TOO_LARGE": Words(
        P,
        "the row is too large for a request",
        "",
        f"shorten its texts in the mapping, {_ANEW}",
    ),
}

NOT_IN_USE: Final = Words(
    P,
    "the org does not have this currency in use",
    "activate it in Setup (Company Information → Currency Setup)",
    "correct it in FreshBooks, and it goes by itself",
)
"""What a restricted picklist says of `CurrencyIsoCode`: no value that one adds to a list."""

UNKNOWN: Final = Words(
    P, "Salesforce refused it", "look the code up in Salesforce's help and mend what it says"
)

ORG_WIDE: Final = frozenset({"STORAGE_LIMIT_EXCEEDED", "API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})
"""Codes of one row that hold for every row: the org waits, instead of burying all it has."""

STATUSES: Final[Mapping[int, str]] = {
    301: "REDIRECTED",
    302: "REDIRECTED",
    303: "REDIRECTED",
    307: "REDIRECTED",
    308: "REDIRECTED",
    300: "DUPLICATE_EXTERNAL_ID",
    401: "INVALID_SESSION_ID",
    403: "FORBIDDEN",
    410: "UNSUPPORTED_API_VERSION",
    413: "REQUEST_TOO_LARGE",
    414: "REQUEST_TOO_LARGE",
    431: "REQUEST_TOO_LARGE",
}
"""The code that a status stands for when its body names none."""
