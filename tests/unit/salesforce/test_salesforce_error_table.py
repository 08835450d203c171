"""Every refusal that is documented (error_table.md), in every form in which it comes.

As one row's result, and as the refusal of a whole request in JSON and in XML. What a person then reads must
name the record, the field, the cause and the mend, and must not repeat what the row held.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.salesforce.meanings import Meaning
from app.salesforce.refusals import of_reply
from app.salesforce.wire import Reply
from streams.domain.command import Command
from streams.ports import Answer, Applied, ParentMissing, Rejected
from tests.builders.lanes import Rows, lanes_to
from tests.builders.salesforce import a_failed_row, a_reply, an_account, an_error, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

FACTS = Path(__file__).parents[4] / "shared" / "facts" / "salesforce.md"
HELD = "Erika Mustermann"
"""A value of the row, which no reason may repeat."""
HIT = "001000000000007AAA"

WAITS = "waits"
"""Sent again by itself, as often as it takes."""
AGAIN = "once more"
"""Sent once more; should it be refused for the same once more, a person reads about it."""
PARKS = "parks"
"""Waits for its parent."""
ENDS = "ends"
"""A dead letter."""
RESTS = "rests"
"""The whole org waits, and a person reads why."""


@dataclass(frozen=True)
class Case:
    """One refusal as documented."""

    code: str
    status: int
    message: str
    field: str
    row: str
    """What becomes of the row when its own result says so."""
    request: str
    """What becomes of a row alone when the whole request is refused so."""
    cause: str
    """Part of what the person reads as the cause."""
    mend: str
    """Part of what the person reads as the mend."""

    def __str__(self) -> str:
        return f"{self.code} {self.message[:24]}"


def read_table() -> tuple[Case, ...]:
    """Return the rows of the table beside this file."""
    text = Path(__file__).with_name("error_table.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    cells = ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows)
    known = {"HIT": HIT, "HELD": HELD}
    return tuple(
        Case(code, int(status), message.format(**known), field, row, request, cause.format(**known), mend)
        for code, status, message, field, row, request, cause, mend in cells
    )


TABLE = read_table()

TIMES = {WAITS: 2, RESTS: 2, AGAIN: 1, ENDS: 1, PARKS: 1}
"""How often it is said before the row is taken."""


def told(case: Case, *, code: str) -> dict[str, Any]:
    fields = [case.field] if case.field else []
    return {code: case.code, "message": case.message, "fields": fields}


def as_json(case: Case) -> Reply:
    return a_reply(case.status, [told(case, code="errorCode")])


def as_xml(case: Case) -> Reply:
    fields = f"<fields>{case.field}</fields>" if case.field else ""
    error = (
        f"<Error>{fields}<errorCode>{case.code}</errorCode><message>{escape(case.message)}</message></Error>"
    )
    return a_reply(case.status, page=f'<?xml version="1.0" encoding="UTF-8"?><Errors>{error}</Errors>')


def as_row(case: Case) -> Reply:
    return a_reply(200, [{"success": False, "errors": [told(case, code="statusCode")]}])


@dataclass(frozen=True)
class Heard:
    """What came of it."""

    answer: Answer
    calls: int
    events: tuple[Any, ...]

    def person_reads(self) -> tuple[str, str]:
        """Return cause and mend, from the dead letter or from the log."""
        if isinstance(self.answer, Rejected):
            return self.answer.reason, self.answer.mend
        entry = next(it for it in self.events if it["event"] == "salesforce-rests")
        return entry["reason"], entry["mend"]


def put(reply: Reply, times: int | None, command: Command | None = None) -> Heard:
    """Let Salesforce say so, so many times or always, of an Opportunity whose Account is there."""
    wire, said = FakeWire(), 0

    def judge(sobject: str, _: Rows) -> Reply | None:
        nonlocal said
        said += sobject == "Opportunity"
        return reply if sobject == "Opportunity" and (times is None or said <= times) else None

    wire.judge = judge

    async def story() -> Answer:
        lanes = lanes_to(wire)
        await lanes.write(an_account(1))
        return await lanes.write(command or an_opportunity(10, 1))

    with capture_logs() as logs:
        answer = simulate(story())
    return Heard(answer, said, tuple(logs))


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


@pytest.mark.parametrize("status", [404, 409, 412, 415, 420, 428, 429, 500, 502, 503, 504])
def test_a_page_of_html_says_nothing_of_our_rows_and_they_are_sent_again(status: int) -> None:
    heard = put(a_reply(status, page=PAGE), 3)

    assert isinstance(heard.answer, Applied)
    assert {entry["code"] for entry in heard.events if entry["event"] == "salesforce-rests"} == {
        f"HTTP_{status}"
    }


@pytest.mark.parametrize(
    ("status", "code"), [(403, "INSUFFICIENT_ACCESS"), (410, "UNSUPPORTED_API_VERSION"), (302, "REDIRECTED")]
)
def test_a_page_whose_status_speaks_for_itself_is_for_a_person(status: int, code: str) -> None:
    heard = put(a_reply(status, page=PAGE), 1)

    (entry,) = (entry for entry in heard.events if entry["event"] == "salesforce-rests")
    assert (entry["code"], bool(entry["mend"])) == (code, True)


@pytest.mark.parametrize("status", [414, 431])
def test_a_row_too_large_for_a_request_ends(status: int) -> None:
    answer = put(a_reply(status, page=PAGE), None).answer

    assert isinstance(answer, Rejected)
    assert answer.code == "REQUEST_TOO_LARGE"


def test_several_matches_of_a_key_end_the_row() -> None:
    urls = [f"/services/data/v66.0/sobjects/Opportunity/{HIT}"] * 2

    answer = put(a_reply(300, urls), None).answer

    assert isinstance(answer, Rejected)
    assert (answer.code, answer.mend) == (
        "DUPLICATE_EXTERNAL_ID",
        "make the field unique and merge the records",
    )


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
