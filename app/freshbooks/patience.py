"""Waiting out trouble: as long as it lasts, longer each time, never all at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import stamina
import structlog

from app.freshbooks.refused import Garbled, Unreadable
from streams.domain.errors import RateLimited, Transient

T = TypeVar("T")
_log = structlog.get_logger(__name__)

LONGEST: Final = 60.0
MOST_GARBLED: Final = 12
"""After so many unreadable answers in a row (some minutes) it is no hiccup: the event is buried."""


async def patiently(ask: Callable[[], Awaitable[T]], **who: object) -> T:
    """Return the answer of `ask`, asked again for as long as it raises Transient; `who` goes to the log.

    Raises:
        Unreadable: answer after answer was garbled.
        FreshforceError: whatever `ask` raises that is not Transient.
    """
    trouble = _Trouble(who)
    waits = stamina.retry_context(
        on=trouble.passes, attempts=None, timeout=None, wait_initial=0.5, wait_max=LONGEST, wait_jitter=1.0
    )
    async for attempt in waits:
        with attempt:
            try:
                return await ask()
            except Garbled as garbled:
                trouble.count(garbled)
                raise
    message = "a wait without end has ended"
    raise AssertionError(message)


class _Trouble:
    """What went wrong so far with one question."""

    def __init__(self, who: dict[str, object]) -> None:
        self._who = who
        self._garbled = 0

    def count(self, garbled: Garbled) -> None:
        """Give up on an answer that stays garbled."""
        self._garbled += 1
        if self._garbled >= MOST_GARBLED:
            message = f"{self._garbled} answers in a row were unreadable"
            raise Unreadable(message) from garbled

    def passes(self, error: Exception) -> bool | timedelta:
        """Tell whether to ask again, and when FreshBooks said when."""
        if not isinstance(error, Transient):
            return False
        _log.warning("freshbooks.waiting", code=error.code, why=str(error), **self._who)
        return error.retry_after if isinstance(error, RateLimited) else True
