"""The day from which on FreshBooks is asked."""

from datetime import UTC, timedelta

import click
import pytest

from app.cli.clock import now
from app.cli.since import day_of


def test_a_day_of_next_year_is_refused_instead_of_finding_nothing() -> None:
    with pytest.raises(click.UsageError, match="is yet to come"):
        day_of(now() + timedelta(days=365))


def test_a_day_that_has_begun_east_of_us_is_taken() -> None:
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)

    assert day_of(today + timedelta(days=1)) == today.replace(tzinfo=UTC) + timedelta(days=1)


def test_no_day_stays_none() -> None:
    assert day_of(None) is None
