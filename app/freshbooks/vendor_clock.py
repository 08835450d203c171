"""What time it is at FreshBooks: deletions are dated by it, and our own clock may be wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from streams.loop.contract import Clock

STAMPED_TO: Final = timedelta(seconds=1)
"""HTTP's Date has no parts of a second (RFC 9110, section 6.6.1)."""


@dataclass(slots=True)
class VendorClock:
    """Our clock, held within the second in which FreshBooks gave its last answer.

    With a sound clock it is our own, to the microsecond. An hour astray, a deletion would look older than
    the change before it, and the change would stay.
    """

    own: Clock
    _ahead: timedelta = field(default=timedelta())

    def __call__(self) -> datetime:
        """Return the time (aware)."""
        return self.own() + self._ahead

    def heard(self, date: str) -> None:
        """Take in the `Date` of an answer that has just come; one that cannot be read changes nothing."""
        try:
            stamped = parsedate_to_datetime(date)
        except ValueError:
            return
        if stamped.tzinfo is not None:
            now = self.own()
            self._ahead = min(max(now, stamped), stamped + STAMPED_TO) - now
