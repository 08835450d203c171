"""When the view is ready, and what is shown beside."""

from typing import Any

from app.view.ready import FAR, STILL, readiness

WELL: dict[str, Any] = {"lag": 0, "unreadable": 0, "stored": {}}


def ill(said: dict[str, Any], *, answers: bool = True, rested: float = 1.0) -> tuple[bool, dict[str, str]]:
    """Return whether it is ready, and the mend of each check that is not well."""
    told = readiness(said, answers=answers, rested=rested)
    return told["ready"], {each["name"]: each["mend"] for each in told["checks"] if not each["well"]}


def test_a_view_that_follows_is_ready_and_says_so_of_each_check() -> None:
    assert ill(WELL) == (True, {})


def test_a_view_that_kafka_does_not_answer_is_not_ready_and_names_the_setting() -> None:
    ready, mends = ill(WELL, answers=False)

    assert not ready
    assert "FRESHFORCE_KAFKA" in mends["kafka"]


def test_a_database_that_takes_nothing_makes_it_unready_and_names_the_setting() -> None:
    ready, mends = ill(WELL, rested=STILL)

    assert not ready
    assert "FRESHFORCE_DATABASE_URL" in mends["database"]


def test_a_view_that_is_far_behind_or_met_what_it_cannot_read_says_so_and_stays_ready() -> None:
    ready, mends = ill(WELL | {"lag": FAR, "unreadable": 3})

    assert ready
    assert "freshforce view status" in mends["up to date"]
    assert "freshforce.audit" in mends["entries"]
