"""Every row of the facts' error table (Salesforce, section 7), with its documented body."""

from datetime import timedelta

import pytest

from app.salesforce.answers.meanings import CODES, Meaning
from app.salesforce.answers.refusals import of_error, of_misfit, of_reply, of_row
from streams.domain.errors import Misconfigured, RateLimited, Refused, Unreachable
from tests.builders.salesforce import a_failed_row, a_reply, an_error

XML_DOWN = (
    '<?xml version="1.0" encoding="UTF-8"?><Errors><Error><errorCode>SERVER_UNAVAILABLE</errorCode>'
    "<message>Server Unavailable</message></Error></Errors>"
)
EDGE_PAGE = "<html><head><title>Service Unavailable</title></head><body>Our apologies</body></html>"
LOCKED = (
    "unable to obtain exclusive access to this record or 200 records: 001000000000001AAA,001000000000002AAA"
)
NOT_ALLOWED = "This session is not valid for use with the REST API"

REQUESTS = [
    (401, an_error("INVALID_SESSION_ID", "Session expired or invalid"), Meaning.SESSION),
    (401, an_error("INVALID_SESSION_ID", NOT_ALLOWED), Meaning.CONFIGURATION),
    (401, an_error("INVALID_SESSION_ID", "Connected app is not attached to Agent"), Meaning.CONFIGURATION),
    (403, an_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Meaning.BUDGET),
    (403, an_error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Meaning.TRANSIENT),
    (503, an_error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Meaning.TRANSIENT),
    (403, an_error("API_CURRENTLY_DISABLED", "API is disabled"), Meaning.CONFIGURATION),
    (403, an_error("API_DISABLED_FOR_ORG", "API is not enabled"), Meaning.CONFIGURATION),
    (403, an_error("A_CODE_OF_TOMORROW", "no"), Meaning.CONFIGURATION),
    (400, an_error("A_CODE_OF_TOMORROW", "no"), Meaning.PERMANENT),
    (500, an_error("A_CODE_OF_TOMORROW", "no"), Meaning.TRANSIENT),
    (503, an_error("SERVER_UNAVAILABLE", "Server Unavailable"), Meaning.TRANSIENT),
    (500, an_error("UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId: 1-2"), Meaning.TRANSIENT),
    (400, an_error("UNABLE_TO_LOCK_ROW", LOCKED), Meaning.TRANSIENT),
    (404, an_error("NOT_FOUND", "The requested resource does not exist"), Meaning.CONFIGURATION),
    (404, an_error("ENTITY_IS_DELETED", "entity is deleted"), Meaning.ONCE),
    (400, an_error("DUPLICATE_VALUE", "duplicate value found: X__c duplicates"), Meaning.ONCE),
    (400, an_error("INVALID_FIELD", "No such column 'X' on sobject of type Account"), Meaning.SCHEMA),
    (400, an_error("JSON_PARSER_ERROR", "Unexpected character at [1,2]"), Meaning.PERMANENT),
    (400, an_error("MALFORMED_QUERY", "unexpected token: FORM"), Meaning.PERMANENT),
    (400, an_error("INVALID_TYPE", "sObject type 'X' is not supported."), Meaning.CONFIGURATION),
    (400, an_error("QUERY_TIMEOUT", "Your query request was running for too long."), Meaning.TRANSIENT),
    (405, an_error("METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed."), Meaning.CONFIGURATION),
    (300, ["/services/data/v66.0/sobjects/Account/001000000000001AAA"], Meaning.PERMANENT),
    (302, None, Meaning.CONFIGURATION),
    (410, None, Meaning.CONFIGURATION),
    (414, None, Meaning.PERMANENT),
    (431, None, Meaning.PERMANENT),
    (420, None, Meaning.TRANSIENT),
    (429, None, Meaning.TRANSIENT),
    (502, None, Meaning.TRANSIENT),
    (504, None, Meaning.TRANSIENT),
    (400, None, Meaning.TRANSIENT),
]


@pytest.mark.parametrize(("status", "said", "meaning"), REQUESTS)
def test_a_refused_request_means(status: int, said: object, meaning: Meaning) -> None:
    refusal = of_reply(a_reply(status, said))

    assert refusal.meaning is meaning
    assert refusal.whole


@pytest.mark.parametrize(
    ("status", "page", "code"),
    [
        (503, XML_DOWN, "SERVER_UNAVAILABLE"),
        (404, EDGE_PAGE, "HTTP_404"),
        (503, EDGE_PAGE, "HTTP_503"),
        (500, "\x00\xff not text at all", "HTTP_500"),
    ],
)
def test_a_page_from_the_edge_is_no_verdict_on_our_rows(status: int, page: str, code: str) -> None:
    refusal = of_reply(a_reply(status, page=page))

    assert (refusal.meaning, refusal.code) == (Meaning.TRANSIENT, code)


def test_retry_after_is_honoured_up_to_an_hour() -> None:
    assert of_reply(a_reply(503, None, retry_after="7")).wait == timedelta(seconds=7)
    assert of_reply(a_reply(503, None, retry_after="999999")).wait == timedelta(hours=1)
    assert of_reply(a_reply(503, None, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")).wait is None


ROWS = [
    ("UNABLE_TO_LOCK_ROW", LOCKED, (), Meaning.TRANSIENT),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back", (), Meaning.TRANSIENT),
    ("PROCESSING_HALTED", "The transaction was rolled back", (), Meaning.TRANSIENT),
    ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", (), Meaning.BUDGET),
    ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", (), Meaning.CONFIGURATION),
    ("DUPLICATE_VALUE", "duplicate value found: E__c duplicates value", (), Meaning.ONCE),
    ("ENTITY_IS_DELETED", "entity is deleted", (), Meaning.ONCE),
    (
        "INVALID_FIELD",
        "Foreign key external ID: 0116 not found for field X in entity Y",
        (),
        Meaning.DEPENDENCY,
    ),
    ("INVALID_FIELD", "No such column 'X' on sobject of type Account", (), Meaning.SCHEMA),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: X.", ("X",), Meaning.SCHEMA),
    (
        "DUPLICATE_EXTERNAL_ID",
        "A user-specified external ID matches more than one record",
        (),
        Meaning.PERMANENT,
    ),
    ("DUPLICATES_DETECTED", "Use one of these records?", (), Meaning.PERMANENT),
    ("NOT_FOUND", "The requested resource does not exist", (), Meaning.PERMANENT),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (), Meaning.PERMANENT),
    ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights", (), Meaning.PERMANENT),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", (), Meaning.PERMANENT),
    ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",), Meaning.PERMANENT),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why it is lost.", (), Meaning.PERMANENT),
    ("FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not match filter criteria.", ("X",), Meaning.PERMANENT),
    (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "bad value for restricted picklist field: x",
        (),
        Meaning.PERMANENT,
    ),
    (
        "STRING_TOO_LONG",
        "Account Name: data value too large: abc (max length=255)",
        ("Name",),
        Meaning.PERMANENT,
    ),
    ("MALFORMED_ID", "Account ID: id value of incorrect type: 001", ("AccountId",), Meaning.PERMANENT),
    ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: x@", ("Email",), Meaning.PERMANENT),
    ("NUMBER_OUTSIDE_VALID_RANGE", "Amount: value outside of valid range", ("Amount",), Meaning.PERMANENT),
    ("FIELD_INTEGRITY_EXCEPTION", "There's a problem with this state", ("BillingState",), Meaning.PERMANENT),
    (
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "Amount: value not of required type: x",
        ("Amount",),
        Meaning.PERMANENT,
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be inserted: Contact",
        (),
        Meaning.PERMANENT,
    ),
    (
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "We can't save this record because the flow failed.",
        (),
        Meaning.PERMANENT,
    ),
    ("TXN_SECURITY_NO_ACCESS", "The operation you requested was blocked", (), Meaning.PERMANENT),
    ("A_CODE_OF_TOMORROW", "no", (), Meaning.PERMANENT),
]


@pytest.mark.parametrize(("code", "message", "fields", "meaning"), ROWS)
def test_a_refused_row_means(code: str, message: str, fields: tuple[str, ...], meaning: Meaning) -> None:
    refusal = of_row(a_failed_row(code, message, *fields)["errors"])

    assert refusal.meaning is meaning
    assert refusal.code == code
    assert refusal.mends
    assert not refusal.whole


@pytest.mark.parametrize("code", [code for code, words in CODES.items() if "mapping" in words.instead])
def test_whoever_is_sent_to_the_mapping_is_told_to_replay_since_a_retry_sends_the_old_row(code: str) -> None:
    assert "freshforce replay preview" in CODES[code].instead
    assert "mapping" not in CODES[code].mend


def test_a_currency_that_the_org_does_not_use_is_activated_and_not_added_to_a_picklist() -> None:
    code, message = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: JPY"

    told = of_row(a_failed_row(code, message, "CurrencyIsoCode")["errors"])

    assert told.reason.startswith("the org does not have this currency in use (CurrencyIsoCode)")
    assert told.mend.startswith("activate it in Setup")
    assert of_misfit(code, "CurrencyIsoCode", "currencies in use, not JPY").mend == told.mend
    assert "picklist" in of_row(a_failed_row(code, message, "StageName")["errors"]).mend


def test_every_code_that_we_know_has_a_cause_and_a_mend() -> None:
    assert [
        code for code, words in CODES.items() if not (words.cause and (words.mend or words.instead))
    ] == []


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Required fields are missing: [Name, Own_Field__c]", ("Name", "Own_Field__c")),
        ("No such column 'FreshBooks_Email__c' on sobject of type Account", ("FreshBooks_Email__c",)),
        ("Unable to create/update fields: Fax, Site. Please check the security settings", ("Fax", "Site")),
    ],
)
def test_fields_are_found_where_salesforce_hides_them_in_its_text(
    message: str, fields: tuple[str, ...]
) -> None:
    refusal = of_row(a_failed_row("REQUIRED_FIELD_MISSING", message)["errors"])

    assert refusal.fields == fields


def test_a_reason_never_holds_the_refused_value() -> None:
    said = "Account Name: data value too large: Erika Mustermann, Heidestr. 17 (max length=255)"

    refusal = of_row(a_failed_row("STRING_TOO_LONG", said, "Name")["errors"])

    assert refusal.reason == "the text does not fit the field (Name): at most 255 characters"


def test_a_validation_rule_speaks_in_its_admins_words() -> None:
    refusal = of_row(a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Close dates are Fridays.")["errors"])

    assert refusal.reason.endswith(": Close dates are Fridays.")


def test_a_duplicate_names_the_rule_and_the_record_that_was_hit() -> None:
    hit = {"matchRecords": [{"matchConfidence": 100.0, "record": {"Id": "001000000000007AAA"}}]}
    result = {"duplicateRule": "Standard_Account_Rule", "matchResults": [hit]}

    refusal = of_row(
        a_failed_row("DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=result)["errors"]
    )

    assert refusal.reason.endswith(": Standard_Account_Rule 001000000000007AAA")


def test_a_duplicate_value_names_field_and_record() -> None:
    said = "duplicate value found: Ext__c duplicates value on record with id: 001000000000007"

    refusal = of_row(a_failed_row("DUPLICATE_VALUE", said)["errors"])

    assert refusal.fields == ("Ext__c",)
    assert refusal.reason.endswith("001000000000007")


def test_of_several_errors_in_a_row_the_gravest_decides_and_all_its_kin_are_named() -> None:
    errors = [
        *a_failed_row("UNABLE_TO_LOCK_ROW", LOCKED)["errors"],
        *a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "One.", "A")["errors"],
        *a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Two.", "B")["errors"],
    ]

    refusal = of_row(errors)

    assert refusal.meaning is Meaning.PERMANENT
    assert refusal.fields == ("A", "B")
    assert "One." in refusal.reason
    assert "Two." in refusal.reason


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (503, "SERVER_UNAVAILABLE", Unreachable),
        (404, "NOT_FOUND", Misconfigured),
        (400, "MALFORMED_QUERY", Refused),
    ],
)
def test_a_call_without_rows_raises_its_refusal(status: int, code: str, error: type[Exception]) -> None:
    raised = of_reply(a_reply(status, an_error(code, "TotalRequests Limit exceeded."))).error()

    assert type(raised) is error


def test_an_error_before_the_answer_is_a_refusal_of_all_rows() -> None:
    assert of_error(Unreachable("Salesforce", "reset")).meaning is Meaning.TRANSIENT
    assert of_error(RateLimited("Salesforce", timedelta(seconds=3))).wait == timedelta(seconds=3)
    assert of_error(Misconfigured("no", "mend", "no-run-as-user")).code == "no-run-as-user"


def test_no_answer_at_all_says_what_to_look_at_if_it_lasts() -> None:
    assert "whether a proxy answers" in of_error(Unreachable("Salesforce", "reset")).mend
