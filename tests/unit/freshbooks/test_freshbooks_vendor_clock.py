"""Objects are dated by FreshBooks' time, whatever our own clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from app.freshbooks.vendor_clock import VendorClock

NOON = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
STAMPED = "Fri, 20 Nov 2026 12:00:00 GMT"


def told(ours: datetime, date: str) -> datetime:
    clock = VendorClock(lambda: ours)
    clock.heard(date)
    return clock()


def test_a_sound_clock_is_kept_to_the_microsecond() -> None:
    assert told(NOON, STAMPED) == NOON


@pytest.mark.parametrize("astray", [timedelta(hours=-1), timedelta(seconds=-1), timedelta(days=-400)])
def test_a_clock_that_is_late_is_put_forward_to_the_stamp(astray: timedelta) -> None:
    assert told(NOON + astray, STAMPED) == NOON.replace(microsecond=0)


@pytest.mark.parametrize("astray", [timedelta(hours=1), timedelta(seconds=1), timedelta(days=400)])
def test_a_clock_that_is_early_is_put_back_to_the_end_of_the_stamps_second(astray: timedelta) -> None:
    assert told(NOON + astray, STAMPED) == NOON.replace(second=1, microsecond=0)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Nov 2026 12:00:00 GMT", "20 Nov 2026 12:00:00"])
def test_without_a_readable_stamp_it_is_our_own(date: str) -> None:
    assert told(NOON + timedelta(hours=1), date) == NOON + timedelta(hours=1)


def test_time_goes_on_between_answers() -> None:
    times = iter([NOON - timedelta(hours=1), NOON - timedelta(hours=1) + timedelta(seconds=5)])
    clock = VendorClock(lambda: next(times))

    clock.heard(STAMPED)

    assert clock() == NOON.replace(microsecond=0) + timedelta(seconds=5)
