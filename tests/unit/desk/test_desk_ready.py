"""When the pages are ready, and what is shown beside."""

from app.desk.ready import readiness


def test_pages_whose_kafka_and_database_answer_are_ready() -> None:
    said = readiness(answers=True, database=True)

    assert said["ready"]
    assert [(each["name"], each["well"]) for each in said["checks"]] == [("kafka", True), ("database", True)]


def test_pages_without_kafka_are_not_ready() -> None:
    assert not readiness(answers=False, database=True)["ready"]


def test_a_database_that_is_away_is_shown_with_its_mend_and_the_other_pages_work() -> None:
    said = readiness(answers=True, database=False)

    assert said["ready"]
    assert "FRESHFORCE_DATABASE_URL" in said["checks"][1]["mend"]
