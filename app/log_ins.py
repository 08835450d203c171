"""How often a process logs in at its orgs: bounded, so that no fault of ours locks an org's user out."""

import asyncio
from collections import defaultdict, deque
from typing import Final

import structlog

from streams.domain.errors import Unreachable
from streams.domain.identity import ConnectionName

_log = structlog.get_logger(__name__)

MOST: Final = 50
"""Log-ins an hour of one process, at each org."""
OF_ALL: Final = 3_200
"""Log-ins an hour of all workers: Salesforce takes 3,600 of a user, and commands and pages need some."""
SPAN: Final = 3600.0
_MEND: Final = "find out who ends its sessions: session settings, or another password or policy of the user"


def share(workers: int) -> int:
    """Return how many log-ins an hour each of so many workers may make without knowing of the others."""
    return max(1, min(MOST, OF_ALL // workers))


class TooManyLogIns(Unreachable):
    """We have logged in too often within an hour; the org is not asked."""

    code = "too-many-log-ins"

    def __init__(self, most: int, seconds: float) -> None:
        super().__init__("Salesforce", f"{most} log-ins within an hour; the next one in {seconds:.0f} s")


class LogIns:
    """The log-ins of one process, refused ones as well; each connection's are counted apart.

    One for all that the process does: what forgets its sessions, as a page does, is bounded all the same.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._moments = defaultdict[ConnectionName, deque[float]](lambda: deque(maxlen=most))
        self._said: set[ConnectionName] = set()

    def count(self, connection: ConnectionName) -> None:
        """Count a log-in that is about to be made.

        Raises:
            TooManyLogIns: wait first; a session that dies again and again is no reason to go on.
        """
        now, moments = asyncio.get_running_loop().time(), self._moments[connection]
        wait = SPAN - (now - moments[0]) if len(moments) == self._most else 0.0
        if wait > 0:
            self._say(connection, wait)
            raise TooManyLogIns(self._most, wait)
        self._said.discard(connection)
        moments.append(now)

    def _say(self, connection: ConnectionName, wait: float) -> None:
        if connection not in self._said:
            self._said.add(connection)
            _log.error(
                "salesforce-log-ins-bounded",
                connection=connection,
                within_an_hour=self._most,
                waits=round(wait),
                mend=_MEND,
            )
