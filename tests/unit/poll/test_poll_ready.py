"""When a poller is ready, and what is shown of each connection."""

from app.poll.ready import readiness


def test_a_poller_tells_of_each_connection_that_it_is_polled() -> None:
    said = readiness(["bolt", "acme"], {}, answers=True)

    assert (said["ready"], said["polling"]) == (True, ["acme", "bolt"])
    assert [each["name"] for each in said["checks"]] == ["kafka", "FreshBooks of acme", "FreshBooks of bolt"]
    assert all(each["well"] for each in said["checks"])


def test_a_poller_without_a_connection_is_ready_to_take_over() -> None:
    assert readiness([], {}, answers=True)["ready"]


def test_a_poller_that_kafka_does_not_answer_is_not_ready() -> None:
    assert not readiness([], {}, answers=False)["ready"]


def test_a_pass_that_failed_is_shown_with_its_cause_and_mend_and_the_poller_stays_ready() -> None:
    said = readiness(["acme"], {"acme": "needs-consent"}, answers=True)

    assert said["ready"]
    assert said["checks"][1]["says"] == "its last pass failed: needs-consent"
    assert "freshforce ping acme" in said["checks"][1]["mend"]
