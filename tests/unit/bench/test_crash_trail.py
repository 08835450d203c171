"""The judge of ends must miss no message that has none, and none that has two."""

from typing import Any

from app.bench.crash_trail import Trail, endings


def said(step: str, cause: str, verdict: str, name: str = "") -> dict[str, Any]:
    return {"id": name or f"{step} {cause} {verdict}", "step": step, "cause": cause, "verdict": verdict}


WHOLE = (
    said("fetch", "e", "fetched"),
    said("translate", "r", "translated"),
    said("deliver", "c", "parked"),
    said("deliver", "c", "released"),
    said("deliver", "c", "applied", "end of c"),
)


def a_trail(*audit: dict[str, Any]) -> Trail:
    return Trail([{"id": "e"}], [{"id": "r"}], [{"id": "c"}], [*audit], [])


def test_a_whole_story_is_neither_open_nor_doubled() -> None:
    ends = endings(a_trail(*WHOLE))

    assert (ends.open, ends.twice) == ([], [])


def test_an_event_that_nobody_spoke_of_is_open() -> None:
    assert endings(a_trail(*WHOLE[1:])).open == ["fetch e"]


def test_a_command_that_only_waits_is_open() -> None:
    assert endings(a_trail(*WHOLE[:4])).open == ["deliver c"]


def test_a_repeat_under_the_same_id_counts_once_as_it_was_told_first() -> None:
    ends = endings(a_trail(*WHOLE, said("deliver", "c", "unchanged", "end of c")))

    assert ends.twice == []
    assert ends.verdicts["deliver:applied"] == 1
    assert ends.verdicts["deliver:unchanged"] == 0


def test_a_dead_letter_beside_an_end_is_two_ends() -> None:
    ends = endings(a_trail(*WHOLE, said("deliver", "c", "dead-letter")))

    assert ends.twice == ["deliver c: applied, dead-letter"]


def test_a_record_that_was_superseded_when_it_was_read_again_has_one_story() -> None:
    assert endings(a_trail(*WHOLE, said("translate", "r", "superseded"))).twice == []
