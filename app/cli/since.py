"""The day from which on FreshBooks is asked for changes."""

from datetime import UTC, datetime, timedelta
from typing import Final

import click

from app.cli.clock import now

DAY: Final = click.DateTime(["%Y-%m-%d"])
_EARLIEST: Final = timedelta(days=1)
"""So much sooner than in UTC a day has begun somewhere."""


def day_of(asked: datetime | None) -> datetime | None:
    """Return the day that is asked for; none for the default.

    Raises:
        UsageError: it is yet to come everywhere; a mistyped year must not look like a day without changes.
    """
    day = asked.replace(tzinfo=UTC) if asked else None
    if day is not None and day > now() + _EARLIEST:
        message = f"--since {day:%Y-%m-%d} is yet to come"
        raise click.UsageError(message)
    return day
