"""Counting what the audit says, each thing once."""

from app.demo.tally import Tally


def tally(*said: tuple[str, str, str]) -> Tally:
    """A tally of what deliver said: verdict, cause, id of the entry."""
    tally = Tally()
    for verdict, cause, audit_id in said:
        tally.count({"id": audit_id, "step": "deliver", "verdict": verdict, "cause": cause})
    return tally


def test_a_repeat_in_the_topic_is_counted_once() -> None:
    assert tally(("applied", "c", "1"), ("applied", "c", "1")).verdicts["deliver:applied"] == 1


def test_what_waits_is_parked_until_it_has_an_end() -> None:
    parked = ("parked", "c", "1")

    assert tally(parked).parked == 1
    assert tally(parked, ("released", "c", "2")).parked == 1
    assert tally(parked, ("released", "c", "2"), ("applied", "c", "3")).parked == 0
    assert tally(parked, ("applied", "another", "3")).parked == 1


def test_what_was_overtaken_while_it_waited_waits_no_more() -> None:
    assert tally(("parked", "c", "1"), ("superseded", "c", "2")).parked == 0
