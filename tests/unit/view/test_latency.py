"""How long rows took, from entries of three steps."""

from datetime import UTC, datetime, timedelta

import pytest

from app.view.latency import Walk, spreads, walks
from app.view.store import Store

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def test_a_row_is_followed_back_to_the_arrival_of_its_news(morning: Store) -> None:
    (walk,) = await walks(morning, NOON - timedelta(hours=1))

    took = [walk.fetched - walk.received, walk.translated - walk.fetched, walk.applied - walk.translated]
    assert took == pytest.approx([250, 100, 100])


async def test_rows_of_an_earlier_hour_do_not_count(morning: Store) -> None:
    assert await walks(morning, NOON) == []


def test_the_spread_is_that_of_each_step_and_of_all_together() -> None:
    found = [Walk(0, 100, 200, 200 + n * 10) for n in range(1, 101)]

    first, *_, last = spreads(found)

    assert (first.p50, first.p99) == (0.1, 0.1)
    assert (last.p50, last.p95, last.p99) == (0.7, 1.15, 1.19)


def test_clocks_that_disagree_by_a_little_never_make_less_than_nothing() -> None:
    assert spreads([Walk(5, 0, 0, 0)])[0].p50 == 0


def test_where_nothing_was_applied_there_is_nothing_to_tell() -> None:
    assert spreads([]) == []
