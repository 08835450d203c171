"""What the dashboard makes of counts by minute."""

from app.desk.dashboard.figures import HEIGHT, MINUTES, WIDTH, cards, curve
from app.view.flow import Counted
from streams.domain.audit import Step, Verdict

NOW = 30_000_000


def a_count(connection: str, ago: int, step: Step, verdict: Verdict, count: int) -> Counted:
    return Counted(connection, NOW - ago, step.value, verdict.value, count)


def test_a_connection_without_a_single_entry_has_a_card_of_noughts() -> None:
    (card,) = cards(["acme"], [], NOW)

    assert (card.events, card.applied, card.failed, card.busiest) == (0, 0, 0, 0)
    assert len(card.by_minute) == MINUTES


def test_counts_of_the_hour_are_summed_by_what_became_of_the_rows() -> None:
    counts = [
        a_count("acme", 0, Step.FETCH, Verdict.FETCHED, 3),
        a_count("acme", 1, Step.DELIVER, Verdict.APPLIED, 5),
        a_count("acme", 59, Step.DELIVER, Verdict.APPLIED, 2),
        a_count("acme", 2, Step.TRANSLATE, Verdict.SUPERSEDED, 1),
        a_count("acme", 2, Step.DELIVER, Verdict.SUPERSEDED, 1),
        a_count("acme", 3, Step.DELIVER, Verdict.DEAD_LETTER, 4),
    ]

    (card,) = cards(["acme"], counts, NOW)

    assert (card.events, card.applied, card.superseded, card.failed) == (3, 7, 2, 4)
    assert (card.by_minute[-2], card.by_minute[0], card.busiest) == (5, 2, 5)


def test_a_removed_connection_that_still_has_entries_keeps_its_card_and_none_is_mixed_up() -> None:
    counts = [
        a_count("gone", 0, Step.DELIVER, Verdict.APPLIED, 1),
        a_count("", 0, Step.INGRESS, Verdict.REJECTED, 9),
    ]

    found = cards(["acme"], counts, NOW)

    assert [(card.connection, card.applied) for card in found] == [("acme", 0), ("gone", 1)]


def test_the_curve_stays_inside_its_picture_and_is_flat_when_nothing_flows() -> None:
    points = [tuple(map(float, point.split(","))) for point in curve([0, 7, 0]).split()]

    assert points[0][0] == 0
    assert points[-1][0] == WIDTH
    assert all(0 < y < HEIGHT for _, y in points)
    assert {point.split(",")[1] for point in curve([0, 0, 0]).split()} == {f"{HEIGHT - 2:.1f}"}
