"""Whether the view does its work, check by check. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from app.vitals import Check, checked, kafka

STILL: Final = 30.0
"""Seconds without a finished step after which the database counts as standing still; one at rest takes 1."""
FAR: Final = 10_000
"""Entries not yet stored from which on pages and reports tell of the past."""
_DATABASE: Final = "it takes nothing: is its disk full, or does a backup lock it? See FRESHFORCE_DATABASE_URL"
_BEHIND: Final = "wait: `freshforce view status` says how far it is; pages tell of the past meanwhile"
_UNREADABLE: Final = "another program writes to freshforce.audit, or a newer release: see the log of the view"


def readiness(said: Mapping[str, Any], *, answers: bool, rested: float) -> Mapping[str, Any]:
    """Return the view's report with its checks; `rested` is how long ago it finished a step, in seconds."""
    stored = "takes what comes" if rested < STILL else f"has taken nothing for {rested:.0f} s"
    lag, unreadable = said["lag"], said["unreadable"]
    return checked(
        said,
        kafka(answers),
        Check("database", rested < STILL, stored, _DATABASE),
        Check("up to date", lag < FAR, f"{lag:,} entries behind", _BEHIND, needed=False),
        Check(
            "entries", not unreadable, f"{unreadable:,} unreadable since the start", _UNREADABLE, needed=False
        ),
    )
