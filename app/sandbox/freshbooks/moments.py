"""FreshBooks' three ways to write a moment: naive US/Eastern, naive UTC, ISO with Z."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
NAIVE = "%Y-%m-%d %H:%M:%S"
NAIVE_MICRO = NAIVE + ".%f"


def eastern(moment: datetime) -> str:
    """Return accounting's `updated` and `created_at`: local time in New York, ambiguous one hour a year."""
    return moment.astimezone(EASTERN).strftime(NAIVE)


def eastern_version(moment: datetime) -> str:
    """Return an invoice's `version`: as `updated`, with microseconds."""
    return moment.astimezone(EASTERN).strftime(NAIVE_MICRO)


def eastern_day(moment: datetime) -> date:
    """Return the day on a wall calendar in New York: what `search[updated_min]` compares with."""
    return moment.astimezone(EASTERN).date()


def plain_day(text: str) -> date:
    """Return a day that is written `YYYY-MM-DD`. Raises: ValueError, TypeError for anything else."""
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        message = "a day is written YYYY-MM-DD"
        raise ValueError(message)
    return found


def naive_utc(moment: datetime) -> str:
    """Return a client's `signup_date`."""
    return moment.astimezone(UTC).strftime(NAIVE)


def iso_z(moment: datetime) -> str:
    """Return a callback's `updated_at`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
