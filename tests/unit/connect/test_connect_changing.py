import pytest

from app.connect.changing import BadChange, changed
from streams.domain.connection import AfterFailure, ClosedWonWhen, Connection
from streams.domain.identity import ConnectionName

ACME = Connection(name=ConnectionName("acme"))


def test_text_becomes_what_the_setting_is() -> None:
    after = changed(
        ACME,
        {"freshbooks_reads_per_second": "20", "closed_won_when": "any_payment", "drafts": "true"},
    )

    assert (after.freshbooks_reads_per_second, after.closed_won_when, after.drafts) == (
        20.0,
        ClosedWonWhen.ANY_PAYMENT,
        True,
    )


def test_a_setting_that_its_bytes_leave_out_while_it_is_as_usual_may_be_changed_and_changed_back() -> None:
    after = changed(ACME, {"after_failure": "go_on"})

    assert after.after_failure is AfterFailure.GO_ON
    assert changed(after, {"after_failure": "park"}) == ACME


def test_an_org_id_that_nobody_knows_is_left_out_so_that_earlier_versions_can_read_the_connection() -> None:
    assert "salesforce_org" not in ACME.model_dump_json()


def test_a_stage_is_named_with_a_dot() -> None:
    assert changed(ACME, {"stages.won": "Bezahlt"}).stages.won == "Bezahlt"


def test_a_number_stays_text_where_text_is_meant() -> None:
    assert changed(ACME, {"stages.won": "100"}).stages.won == "100"


@pytest.mark.parametrize(
    "setting",
    [
        *("colour", "name", "paused", "mapping", "stages.colour", "colour.won", "drafts.won"),
        *("freshbooks_api_url", "freshbooks_auth_url", "salesforce_domain", "salesforce_org"),
    ],
)
def test_what_cannot_be_set_is_named(setting: str) -> None:
    with pytest.raises(BadChange, match=f"^{setting}: no such setting"):
        changed(ACME, {setting: "x"})


def test_a_schedule_that_names_no_time_says_why_and_what_to_write() -> None:
    with pytest.raises(
        BadChange, match=r"^poll_at: '0 25 \* \* \*' names no time: bad hour; write minute, hour"
    ):
        changed(ACME, {"poll_at": "0 25 * * *"})


def test_a_time_zone_that_is_none_says_so() -> None:
    with pytest.raises(
        BadChange, match=r"^poll_zone: there is no time zone 'Berlin'; write one as in Europe/Berlin"
    ):
        changed(ACME, {"poll_zone": "Berlin"})


@pytest.mark.parametrize(
    ("setting", "text"),
    [("api_share", "2"), ("closed_won_when", "never"), ("drafts", "maybe"), ("salesforce_api_version", "66")],
)
def test_a_value_that_cannot_be_names_its_setting(setting: str, text: str) -> None:
    with pytest.raises(BadChange, match=f"^{setting}: "):
        changed(ACME, {setting: text})
