"""A trace as a person reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.view.happening import Happening
from app.view.story import says, story

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def happening(after: float = 0.0, **entry: Any) -> Happening:
    given = {"id": f"{after}", "step": "translate", "verdict": "translated", "caused": []}
    return Happening(NOON + timedelta(seconds=after), 0, 0, given | entry)


def delivered(after: float, sobject: str, version: int, **result: Any) -> Happening:
    row = {"sobject": sobject, "external_id": "x:7", "version": version, "salesforce_id": "006A"} | result
    return happening(
        after, id=f"{sobject}{version}", step="deliver", verdict="unchanged", rule="as it is", result=row
    )


def test_a_line_tells_the_time_and_what_passed_since_the_one_before() -> None:
    first, second = story([happening(), happening(1.25, verdict="superseded")])

    assert (first.time, first.since) == ("2026-11-22\n12:00:00.000", "")
    assert (second.time, second.since) == ("12:00:01.250", "+1.250")


def test_another_day_is_said() -> None:
    *_, last = story([happening(), happening(86_400, verdict="superseded")])

    assert last.time == "2026-11-23\n12:00:00.000"


def test_what_a_step_decided_alike_in_one_breath_is_one_line() -> None:
    (line,) = story(
        [
            delivered(0, "Account", 3),
            delivered(0, "Opportunity", 3),
            delivered(0.1, "Account", 4),
            delivered(0.1, "Opportunity", 4),
        ]
    )

    assert line.who == "deliver: unchanged"
    assert line.what == (
        "Account x:7 version 4 → 006A\nOpportunity x:7 version 4 → 006A; 4 commands; as it is"
    )


def test_each_webhook_has_a_line_of_its_own_with_its_bytes() -> None:
    def heard(after: float) -> Happening:
        webhook = {"body": "name=invoice.update&object_id=7", "verifier": "24e8b7ac"}
        details = {"source": "webhook", "action": "update", "webhook": webhook, "coalesced": False}
        received = {"received_at": "2026-11-22T11:59:59.123456Z"}
        return happening(
            after, step="fetch", verdict="fetched", object="invoice", object_id=7, details=details | received
        )

    one, _ = story([heard(0), heard(1)])

    assert one.what == (
        "invoice 7: 0 records; webhook of 11:59:59.123 name=invoice.update&object_id=7"
        " (signature fits verifier 24e8b7ac)"
    )


def test_a_refusal_names_its_code_and_fields() -> None:
    (line,) = story([delivered(0, "Account", 1, salesforce_id=None, code="INVALID_FIELD", fields=["Email"])])

    assert line.what == "Account x:7 version 1; INVALID_FIELD Email; as it is"


def test_details_are_said_by_their_names() -> None:
    said = says({"step": "command-line", "details": {"settings": "stages", "more": [1, 2], "none": None}})

    assert said == "settings stages; more 1, 2"


def test_what_is_decided_alike_of_one_object_again_and_again_is_said_once_with_how_often() -> None:
    def booked(id_: str, kind: str) -> Happening:
        return happening(0, id=id_, object=kind, object_id=7, caused=["a", "b", "c"])

    (line,) = story([booked("1", "invoice"), booked("2", "payment"), booked("3", "invoice")])

    assert line.what == "invoice 7: 3 rows, 2 times\npayment 7: 3 rows"
