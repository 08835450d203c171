"""How far our clock is from a vendor's: tokens end by their clock, and we renew them by ours."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from app.salesforce.checkup import Finding
from streams.loop.contract import Clock

MOST: Final = timedelta(seconds=30)
"""Tokens are renewed two minutes before their end; a quarter of that is no harm."""
ROUNDED: Final = timedelta(seconds=1)
"""HTTP's Date has no parts of a second."""


@dataclass(slots=True)
class Skew:
    """What the `Date` of a vendor's answers says of our clock."""

    clock: Clock
    ahead: timedelta | None = None
    """By how much our clock is before the vendor's, at the last answer; None while there was none."""

    def heard(self, date: str) -> None:
        """Take in the `Date` of an answer that has just come; one that cannot be read says nothing."""
        try:
            stamped = parsedate_to_datetime(date)
        except ValueError:
            return
        if stamped.tzinfo is not None:
            found = self.clock() - stamped
            self.ahead = found - min(max(found, timedelta()), ROUNDED)

    def finding(self, vendor: str) -> Finding:
        """Return what is to be said of our clock beside the vendor's."""
        what = f"{vendor} clock"
        if self.ahead is None:
            return Finding(what, well=True, says="its answers told no time")
        seconds = abs(self.ahead.total_seconds())
        if abs(self.ahead) <= MOST:
            return Finding(what, well=True, says=f"ours is {seconds:.0f} s off")
        side = "ahead of" if self.ahead > timedelta() else "behind"
        mend = "set this machine's clock, best by NTP"
        return Finding(what, well=False, says=f"ours is {seconds:.0f} s {side} it", mend=mend)
