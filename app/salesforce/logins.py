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
"""Log-ins an hour. Salesforce takes 3,600 of a user: the 64 workers that one `run` may have stay below."""
SPAN: Final = 3600.0


class TooManyLogIns(Unreachable):
    """We have logged in too often within an hour; the org is not asked."""

    code = "too-many-log-ins"

    def __init__(self, seconds: float) -> None:
        super().__init__(API, f"{MOST} log-ins within an hour; the next one in {seconds:.0f} s")


class LogIns:
    """The log-ins of one org by this process, refused ones as well."""

    def __init__(self, connection: ConnectionName) -> None:
        self._connection = connection
        self._moments: deque[float] = deque(maxlen=MOST)
        self._said = False

    def count(self) -> None:
        """Count a log-in that is about to be made.

        Raises:
            TooManyLogIns: wait first; a session that dies again and again is no reason to go on.
        """
        now = asyncio.get_running_loop().time()
        wait = SPAN - (now - self._moments[0]) if len(self._moments) == MOST else 0.0
        if wait > 0:
            self._say(wait)
            raise TooManyLogIns(wait)
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
                within_an_hour=MOST,
                waits=round(wait),
                mend=mend,
            )
