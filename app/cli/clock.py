"""The time of day, for the commands: each is a composition root of its own."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)  # noqa: TID251  # the commands' one look at the clock
