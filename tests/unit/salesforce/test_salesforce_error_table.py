"""Every refusal that is documented (error_table.md), in every form in which it comes.

As one row's result, and as the refusal of a whole request in JSON and in XML. What a person then reads must
name the record, the field, the cause and the mend, and must not repeat what the row held.
"""

import re
from pathlib import Path

import pytest

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import of_reply
from app.salesforce.wire.wire import Reply
from streams.ports import Applied, ParentMissing, Rejected
from tests.builders.error_table import (
    AGAIN,
    ENDS,
    HELD,
    HIT,
    RESTS,
    TABLE,
    TIMES,
    Case,
    Heard,
    as_json,
    as_row,
    as_xml,
    put,
)
from tests.builders.salesforce import a_failed_row, a_reply, an_error

FACTS = Path(__file__).parents[4] / "shared" / "facts" / "salesforce.md"


def check(case: Case, reply: Reply, becomes: str) -> None:
    heard = put(reply, None if becomes == ENDS else TIMES[becomes])
    match becomes:
        case "waits" | "rests" | "once more":
            assert isinstance(heard.answer, Applied)
            assert heard.calls >= TIMES[becomes] + 1
        case "parks":
            assert isinstance(heard.answer, ParentMissing)
            assert heard.calls == 1
        case _:
            assert isinstance(heard.answer, Rejected)
            assert heard.calls == 1
    if becomes == AGAIN:
        heard = put(reply, None)
        assert isinstance(heard.answer, Rejected)
    if becomes in {ENDS, AGAIN, RESTS}:
        check_reading(case, heard)


def check_reading(case: Case, heard: Heard) -> None:
    reason, mend = heard.person_reads()
    assert case.cause in reason
    assert case.mend in mend
    assert mend
    assert HELD not in repr(heard)
    if isinstance(heard.answer, Rejected):
        assert heard.answer.code == case.code
        assert reason.startswith("Opportunity ACC1:10: ")
        assert heard.answer.fields == ((case.field,) if case.field else ())
        assert case.field in reason


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_one_row_is_refused(case: Case) -> None:
    check(case, as_row(case), case.row)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_request_is_refused_in_json(case: Case) -> None:
    check(case, as_json(case), case.request)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_request_is_refused_in_xml(case: Case) -> None:
    check(case, as_xml(case), case.request)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_xml_means_what_json_means(case: Case) -> None:
    assert of_reply(as_xml(case)) == of_reply(as_json(case))


PAGE = "<html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>"


@pytest.mark.parametrize("status", [400, 404, 409, 412, 415, 420, 428, 429, 500, 502, 503, 504])
def test_a_page_of_html_says_nothing_of_our_rows_and_they_are_sent_again(status: int) -> None:
    heard = put(a_reply(status, page=PAGE), 3)

    assert isinstance(heard.answer, Applied)
    assert {entry["code"] for entry in heard.events if entry["event"] == "salesforce-rests"} == {
        f"HTTP_{status}"
    }


@pytest.mark.parametrize(
    ("status", "code"), [(403, "FORBIDDEN"), (410, "UNSUPPORTED_API_VERSION"), (302, "REDIRECTED")]
)
def test_a_page_whose_status_speaks_for_itself_is_for_a_person(status: int, code: str) -> None:
    heard = put(a_reply(status, page=PAGE), 1)

    (entry,) = (entry for entry in heard.events if entry["event"] == "salesforce-rests")
    assert (entry["code"], bool(entry["mend"])) == (code, True)


@pytest.mark.parametrize("status", [414, 431])
def test_a_row_too_large_for_a_request_ends(status: int) -> None:
    answer = put(a_reply(status, page=PAGE), None).answer

    assert isinstance(answer, Rejected)
    assert (answer.code, "freshforce replay preview" in answer.mend) == ("REQUEST_TOO_LARGE", True)


def test_several_matches_of_a_key_end_the_row() -> None:
    urls = [f"/services/data/v66.0/sobjects/Opportunity/{HIT}"] * 2

    answer = put(a_reply(300, urls), None).answer

    assert isinstance(answer, Rejected)
    assert answer.code == "DUPLICATE_EXTERNAL_ID"
    assert answer.mend.startswith("make the field unique and merge the records, then `freshforce deadletters")


@pytest.mark.parametrize(
    "message",
    ["This session is not valid for use with the REST API", "Connected app is not attached to Agent"],
)
def test_a_session_that_no_log_in_cures_is_for_a_person(message: str) -> None:
    heard = put(a_reply(401, an_error("INVALID_SESSION_ID", message)), 1)

    assert "session" in heard.person_reads()[0]


def test_the_records_that_a_duplicate_rule_hit_are_named() -> None:
    hit = {
        "matchRecords": [{"matchConfidence": 100.0, "record": {"attributes": {"type": "Account"}, "Id": HIT}}]
    }
    result = {"allowSave": True, "duplicateRule": "Standard_Account_Rule", "matchResults": [hit]}
    failed = a_failed_row("DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=result)

    reason, _ = put(a_reply(200, [failed]), None).person_reads()

    assert reason.endswith(f"Standard_Account_Rule {HIT}")


@pytest.mark.skipif(not FACTS.is_file(), reason="the facts are not beside this repository")
def test_no_row_of_the_facts_table_is_left_out() -> None:
    section = FACTS.read_text("utf-8").partition("\n## 7. ")[2].partition("\n## 8. ")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    documented = {code for first in firsts for code in re.findall(r"[A-Z][A-Z_]{8,}", first)}

    assert len(documented) > 30
    ours = {case.code for case in TABLE}
    assert {code for code in documented if not any(it.startswith(code) for it in ours)} == set()


def test_every_meaning_has_a_row_in_the_table() -> None:
    meanings = {of_reply(as_json(case)).meaning for case in TABLE}

    assert meanings == set(Meaning)
