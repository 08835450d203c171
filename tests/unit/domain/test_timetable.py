"""When a connection is polled, by its cron expression and its time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName


def acme(cron: str = "", zone: str = "UTC") -> Connection:
    return Connection(name=ConnectionName("acme"), poll_at=cron, poll_zone=zone)


def passes(connection: Connection, after: str, count: int) -> list[str]:
    """The next `count` times, in UTC, if a pass takes a second."""
    found, at = list[str](), datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        at += connection.rests(at)
        found.append(f"{at:%m-%d %H:%M}")
        at += timedelta(seconds=1)
    return found


def test_without_an_expression_it_is_an_interval() -> None:
    assert acme().rests(datetime(2026, 11, 28, 12, tzinfo=UTC)) == timedelta(minutes=15)
    assert acme().polled == "every 900 s"


def test_an_expression_names_times_of_day_where_its_clock_hangs() -> None:
    connection = acme("0 6 * * 1-5", "America/Toronto")

    assert passes(connection, "2026-11-27T20:00", 2) == ["11-30 11:00", "12-01 11:00"]
    assert connection.polled == "at 06:00 on Monday through Friday (America/Toronto)"


def test_in_spring_what_the_clock_skips_comes_right_after() -> None:
    assert passes(acme("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00", 2) == [
        "03-29 01:00",
        "03-30 00:30",
    ]


def test_in_autumn_an_hour_comes_twice_but_what_it_names_only_once() -> None:
    assert passes(acme("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00", 2) == [
        "10-25 00:30",
        "10-26 01:30",
    ]


def test_in_autumn_minutes_go_on_through_the_hour_that_comes_twice() -> None:
    found = passes(acme("*/30 * * * *", "Europe/Berlin"), "2026-10-24T23:59", 6)

    assert found == ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00", "10-25 02:30"]


@pytest.mark.parametrize(
    ("cron", "why"),
    [
        ("61 * * * *", "bad minute"),
        ("0 6 * * mondays", "bad day-of-week"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("* * * *", "pattern"),
        ("@daily", "pattern"),
        ("0 0 6 * * 1", "pattern"),
    ],
    ids=[
        "no such minute",
        "no such weekday",
        "a day that never comes",
        "four fields",
        "a nickname",
        "seconds",
    ],
)
def test_an_expression_that_names_no_time_is_refused(cron: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        acme(cron)


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "../etc/passwd", "Europe"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="poll_zone"):
        acme("0 6 * * *", zone)
