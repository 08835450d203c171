"""How often we log in at an org: bounded, so that no fault of ours locks its user out."""

import asyncio
from collections import deque
from typing import Final

import structlog

from app.salesforce.wire import API
from streams.domain.errors import Unreachable
from streams.domain.identity import ConnectionName

_log = structlog.get_logger(__name__)

MOST: Final = 50
"""Log-ins an hour of one process."""
OF_ALL: Final = 3_200
"""Log-ins an hour of all workers: Salesforce takes 3,600 of a user, and commands and pages need some."""
SPAN: Final = 3600.0


def share(workers: int) -> int:
    """Return how many log-ins an hour each of so many workers may make without knowing of the others."""
    return max(1, min(MOST, OF_ALL // workers))


class TooManyLogIns(Unreachable):
    """We have logged in too often within an hour; the org is not asked."""

    code = "too-many-log-ins"

    def __init__(self, most: int, seconds: float) -> None:
        super().__init__(API, f"{most} log-ins within an hour; the next one in {seconds:.0f} s")


class LogIns:
    """The log-ins of one org by this process, refused ones as well."""

    def __init__(self, connection: ConnectionName, most: int = MOST) -> None:
        self._connection = connection
        self._most = most
        self._moments: deque[float] = deque(maxlen=most)
        self._said = False

    def count(self) -> None:
        """Count a log-in that is about to be made.

        Raises:
            TooManyLogIns: wait first; a session that dies again and again is no reason to go on.
        """
        now = asyncio.get_running_loop().time()
        wait = SPAN - (now - self._moments[0]) if len(self._moments) == self._most else 0.0
        if wait > 0:
            self._say(wait)
            raise TooManyLogIns(self._most, wait)
        self._said = False
        self._moments.append(now)

    def _say(self, wait: float) -> None:
        if not self._said:
            self._said = True
            mend = (
                "find out who ends its sessions: session settings, or another password or policy of the user"
            )
            _log.error(
                "salesforce-log-ins-bounded",
                connection=self._connection,
                within_an_hour=self._most,
                waits=round(wait),
                mend=mend,
            )
