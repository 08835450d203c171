"""Where a group has to stand for a replay, whoever died in the middle."""

from app.kafka.offsets import Standing
from app.replay.conduct import begins, left, restored, rewound
from streams.domain.replay import ReplayState, Stretch
from streams.topics import RECORDS
from tests.builders.replays import a_replay, a_stretch


def standing(committed: int, *, first: int = 0, end: int = 100) -> Standing:
    return Standing(RECORDS.name, 0, committed, first, end)


def moved(stretch: Stretch, at: Standing) -> tuple[Stretch, int | None]:
    """Return a stretch after it was rewound, and where the group was set to; None when it was not moved."""
    after = rewound(stretch, at)
    return after, begins([after], {0: at}).get(0)


def test_a_plan_sets_the_group_back_to_where_it_begins() -> None:
    assert moved(a_stretch(2, 6), standing(8)) == (a_stretch(2, 6, 8), 2)


def test_what_the_log_no_longer_has_is_not_asked_for() -> None:
    assert moved(a_stretch(2, 6), standing(8, first=4)) == (a_stretch(4, 6, 8), 4)


def test_a_group_that_is_not_there_yet_is_never_set_forward() -> None:
    assert moved(a_stretch(50, 60), standing(8)) == (a_stretch(50, 60), None)
    assert moved(a_stretch(0, 60), standing(0)) == (a_stretch(0, 60), None)


def test_a_partition_without_a_part_is_left_alone() -> None:
    assert moved(a_stretch(6, 6), standing(8)) == (a_stretch(6, 6), None)
    assert rewound(a_stretch(2, 6), None) == a_stretch(2, 6)
    assert begins([a_stretch(2, 6, 8)], {}) == {}


def test_one_that_was_set_back_already_goes_on_from_where_it_is() -> None:
    assert moved(a_stretch(2, 6, 8), standing(4)) == (a_stretch(2, 6, 8), None)


def test_a_paused_one_goes_on_where_it_was_and_passes_by_what_was_done_meanwhile() -> None:
    assert moved(a_stretch(4, 6, 8), standing(30)) == (a_stretch(4, 6, 30), 4)


def test_leaving_it_sets_the_group_forward_to_what_was_done_before() -> None:
    after, at = left(a_replay(), a_stretch(2, 6, 8), standing(4)), {0: standing(4)}

    assert after == a_stretch(4, 6, 8)
    assert restored([after], at) == {0: 8}


def test_leaving_one_that_was_read_to_its_end_leaves_nothing_to_go_on_with() -> None:
    after = left(a_replay(), a_stretch(2, 6, 8), standing(20))

    assert after == a_stretch(6, 6, 8)
    assert restored([after], {0: standing(20)}) == {}
    assert left(a_replay(), a_stretch(2, 6, 8), standing(7)) == a_stretch(6, 6, 8)


def test_leaving_it_once_more_after_a_crash_keeps_what_was_written_down() -> None:
    asked = a_replay(state=ReplayState.ASKED)

    assert left(asked, a_stretch(4, 6, 8), standing(8)) == a_stretch(4, 6, 8)
