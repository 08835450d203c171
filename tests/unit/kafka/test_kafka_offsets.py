import pytest

from app.kafka.offsets import Standing


@pytest.mark.parametrize(
    ("committed", "in_range", "clamped", "lag"),
    [
        (100, True, 100, 100),  # the first message that is left
        (200, True, 200, 0),  # all was read
        (99, False, 100, 101),  # what it would read next is gone
        (201, False, 200, 0),  # the log is younger than the group
    ],
)
def test_a_group_stands_inside_the_log_or_is_moved_to_its_nearest_end(
    *, committed: int, in_range: bool, clamped: int, lag: int
) -> None:
    standing = Standing("t", 0, committed, first=100, end=200)

    assert (standing.in_range, standing.clamped, standing.lag) == (in_range, clamped, lag)
