"""Counting what the audit says, each thing once."""

from app.demo.progress import Watcher


def watched(*said: tuple[str, str, str]) -> Watcher:
    watcher = Watcher.__new__(Watcher)
    watcher.forget()
    for verdict, cause, audit_id in said:
        watcher.count({"id": audit_id, "step": "deliver", "verdict": verdict, "cause": cause})
    return watcher


def test_a_repeat_in_the_topic_is_counted_once() -> None:
    assert watched(("applied", "c", "1"), ("applied", "c", "1")).verdicts["deliver:applied"] == 1


def test_what_waits_is_parked_until_it_has_an_end() -> None:
    parked = ("parked", "c", "1")

    assert watched(parked).parked == 1
    assert watched(parked, ("released", "c", "2")).parked == 1
    assert watched(parked, ("released", "c", "2"), ("applied", "c", "3")).parked == 0
    assert watched(parked, ("superseded", "c", "3")).parked == 0
    assert watched(parked, ("applied", "another", "3")).parked == 1
