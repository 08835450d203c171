"""Which of two snapshots of one FreshBooks object is newer."""

from datetime import UTC, datetime
from typing import NewType
from zoneinfo import ZoneInfo

Version = NewType("Version", str)
"""Sorts as text in the order of newness: when the object changed, then when we read it."""

_SORTABLE = "%Y-%m-%dT%H:%M:%S.%fZ"
EASTERN = ZoneInfo("America/New_York")


def changed_at(local: datetime) -> datetime:
    """Return the moment that FreshBooks' naive US/Eastern `local` stands for.

    The hour that comes twice each November is one moment here: its stamps step back, so they
    cannot order anything, and the order of reading decides (facts: FreshBooks, "Times").
    """
    first, second = (local.replace(tzinfo=EASTERN, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first < second:
        return local.replace(minute=0, second=0, microsecond=0, tzinfo=EASTERN, fold=0).astimezone(UTC)
    return first


def version(changed: datetime, read: datetime) -> Version:
    """Return the version of a snapshot that changed at `changed` and was read at `read`, both aware.

    A deleted or missing object is dated by its reading (pass `read` twice): whether a deletion
    moves FreshBooks' `updated` is not confirmed.
    """
    return Version(f"{sortable(changed)}~{sortable(read)}")


def changed_by(known: Version) -> datetime:
    """Return when the object changed of which `known` is a version."""
    return datetime.strptime(known.partition("~")[0], _SORTABLE).replace(tzinfo=UTC)


def sortable(moment: datetime) -> str:
    """Return an aware moment as text that sorts by time."""
    return moment.astimezone(UTC).strftime(_SORTABLE)
