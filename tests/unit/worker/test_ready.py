from typing import Any

from app.worker.ready import readiness
from streams.domain.audit import Step

WELL: dict[str, Any] = {"ready": True, "partitions": [0, 1], "aside": []}


def checks(said: dict[str, Any], *, answers: bool = True) -> dict[str, tuple[bool, str]]:
    last = {("acme", Step.DELIVER): "no-answer"}
    found = readiness(said, answers=answers, last=last)["checks"]
    return {each["name"]: (each["well"], each["mend"]) for each in found}


def test_a_worker_with_kafka_partitions_and_tables_is_ready_and_says_so_of_each() -> None:
    said = readiness(WELL, answers=True, last={})

    assert said["ready"]
    assert [each["name"] for each in said["checks"]] == ["kafka", "assignment", "tables"]
    assert {each["mend"] for each in said["checks"]} == {""}


def test_a_worker_that_kafka_does_not_answer_is_not_ready_and_names_the_setting() -> None:
    assert not readiness(WELL, answers=False, last={})["ready"]
    well, mend = checks(WELL, answers=False)["kafka"]
    assert not well
    assert "FRESHFORCE_KAFKA" in mend


def test_a_worker_that_loads_its_tables_is_not_ready() -> None:
    said = readiness({"ready": False, "loaded": 1200}, answers=True, last={})

    assert not said["ready"]
    assert "1,200 entries" in next(each["says"] for each in said["checks"] if each["name"] == "tables")


def test_a_worker_without_a_partition_is_not_ready() -> None:
    said = readiness({"ready": False, "partitions": []}, answers=True, last={})

    assert not said["ready"]
    assert [each["name"] for each in said["checks"] if not each["well"]] == ["assignment"]
    assert "run fewer" in checks({"ready": False, "partitions": []})["assignment"][1]


def test_a_worker_that_joins_is_told_to_be_waited_for_not_to_be_one_too_many() -> None:
    well, mend = checks({"ready": False, "loaded": 0})["assignment"]

    assert not well
    assert mend.startswith("wait")


def test_a_vendor_that_keeps_a_connection_waiting_is_shown_with_its_mend_and_the_worker_stays_ready() -> None:
    said = WELL | {"aside": [{"step": "deliver", "connection": "acme", "partition": 0, "from": 3}]}

    assert readiness(said, answers=True, last={})["ready"]
    well, mend = checks(said)["Salesforce of acme"]
    assert not well
    assert "freshforce ping acme" in mend


def test_the_last_answer_of_each_vendor_is_told() -> None:
    said = readiness(WELL, answers=True, last={("acme", Step.FETCH): "ok"})

    assert said["checks"][-1]["name"] == "FreshBooks of acme"
    assert said["checks"][-1]["says"] == "last answer: ok"
