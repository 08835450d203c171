"""A stretch of time that a report is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.view.tables import ENTRIES


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, both aware."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in it."""
        return self.since <= moment < self.until

    @property
    def rows(self) -> ColumnElement[bool]:
        """The condition that an entry was written within it."""
        return and_(
            ENTRIES.c.at >= milliseconds(self.since),
            ENTRIES.c.at < milliseconds(self.until),
        )

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


def milliseconds(moment: datetime) -> int:
    """Return the number that the view keeps for `moment`."""
    return int(moment.timestamp() * 1000)
