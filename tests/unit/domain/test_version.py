"""Versions sort as text in the order of newness, through the hour that comes twice each November."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.version import EASTERN, changed_at, version

MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"),
    max_value=datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)
ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def eastern(text: str) -> datetime:
    return changed_at(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-01-15 12:00:00", "2026-01-15T17:00:00"),
        ("2026-07-15 12:00:00", "2026-07-15T16:00:00"),
        ("2026-11-01 00:59:59", "2026-11-01T04:59:59"),
        ("2026-11-01 01:00:00", "2026-11-01T05:00:00"),
        ("2026-11-01 01:30:00", "2026-11-01T05:00:00"),
        ("2026-11-01 01:59:59", "2026-11-01T05:00:00"),
        ("2026-11-01 02:00:00", "2026-11-01T07:00:00"),
        ("2026-03-08 01:59:59", "2026-03-08T06:59:59"),
        ("2026-03-08 03:00:00", "2026-03-08T07:00:00"),
    ],
)
def test_freshbooks_local_time_is_us_eastern(local: str, utc: str) -> None:
    assert eastern(local) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_in_the_hour_that_comes_twice_the_order_of_reading_decides() -> None:
    before = eastern("2026-11-01 01:50:00")
    after_the_clocks_went_back = eastern("2026-11-01 01:10:00")
    first = datetime(2026, 11, 1, 5, 50, 2, tzinfo=UTC)

    assert before == after_the_clocks_went_back
    assert version(before, first) < version(after_the_clocks_went_back, first + timedelta(minutes=20))


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("2007-01-01"), max_value=datetime.fromisoformat("2037-01-01")
    )
)
def test_time_passing_at_freshbooks_never_makes_a_version_older(true_time: datetime) -> None:
    earlier = true_time.replace(tzinfo=UTC)
    later = earlier + timedelta(minutes=7)

    assert _as_freshbooks_says(earlier) <= _as_freshbooks_says(later)


def _as_freshbooks_says(moment: datetime) -> datetime:
    return changed_at(moment.astimezone(EASTERN).replace(tzinfo=None, fold=0))


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_versions_sort_by_change_then_by_reading(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    assert (version(a, b) < version(c, d)) == ((a, b) < (c, d))
    assert (version(a, b) == version(c, d)) == ((a, b) == (c, d))


@given(MOMENTS, MOMENTS, ZONES)
def test_the_zone_in_which_a_moment_is_written_makes_no_difference(
    changed: datetime, read: datetime, zone: timezone
) -> None:
    assert version(changed.astimezone(zone), read.astimezone(zone)) == version(changed, read)
