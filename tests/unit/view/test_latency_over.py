"""Latency over a chosen time."""

from datetime import UTC, datetime, timedelta

import pytest

from app.view.latency import Walk
from app.view.latency_over import BOUNDS, bars, walked
from app.view.period import Period
from app.view.store import Store
from streams.domain.audit import Verdict
from streams.domain.result import Outcome
from tests.builders.told import a_row, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = Period(NOON - timedelta(hours=1), NOON)


async def test_a_row_is_followed_from_its_webhook_to_salesforces_answer(morning: Store) -> None:
    (walk,) = (await walked(morning, "acme", HOUR, "webhook")).walks

    assert walk.applied - walk.received == pytest.approx(450)


async def test_rows_whose_news_came_another_way_are_counted_apart(morning: Store) -> None:
    found = await walked(morning, "acme", HOUR, "poll")

    assert (found.walks, found.others) == ([], 1)


async def test_a_row_that_waited_for_its_account_is_counted_apart(morning: Store) -> None:
    waited = [a_row("c1", Outcome.PARKED, Verdict.PARKED)]
    await morning.add(stored(waited, HOUR.since, 6), {0: 7})

    found = await walked(morning, "acme", HOUR, "")

    assert (found.walks, found.waited) == ([], 1)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_what_was_written_before_or_after_does_not_count(morning: Store, hours: int) -> None:
    moved = Period(HOUR.since + timedelta(hours=hours), HOUR.until + timedelta(hours=hours))

    assert (await walked(morning, "acme", moved, "")).walks == []


async def test_another_connections_rows_do_not_count(morning: Store) -> None:
    assert (await walked(morning, "other", HOUR, "")).walks == []


def test_every_row_is_in_one_bar() -> None:
    took = [0.05, 0.1, 0.11, 3600, 3601]

    found = bars(Walk(0, 0, 0, seconds * 1000) for seconds in took)

    assert [count for _, count in found if count] == [2, 1, 1, 1]
    assert [bound for bound, _ in found] == [*BOUNDS, None]
