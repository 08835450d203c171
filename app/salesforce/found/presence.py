"""Whether an org has rows worth looking for: asked seldom, so that one without them costs no call per row."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from streams.domain.errors import Misconfigured, Refused

UNSEEN: Final = frozenset({"NOT_FOUND", "INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS"})
"""Codes for what the org does not have, or hides from us."""

ABSENT_FOR: Final = 300.0
"""Seconds for which an org is taken to have none, before one call asks again."""
PRESENT_FOR: Final = 3600.0


@dataclass(slots=True)
class Presence:
    """The last answer to "are there any", and how long it is believed."""

    _there: bool = False
    _asked: float = float("-inf")
    _one_asks: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def there(self, ask: Callable[[], Awaitable[bool]], demanded: float) -> bool:
        """Tell whether there are any; `ask` is called when the last answer is too old.

        That there were none before rows were `demanded` is no answer to them: a person has seen some since.
        Where the org says that it has no such thing, or hides it from us, there are none.
        """
        async with self._one_asks:
            if not self._holds(demanded):
                asked = _now()
                self._keep(asked, there=await _seen(ask))
            return self._there

    def doubt(self) -> None:
        """Take the org to have none for a while: it refused to be asked for them."""
        self._keep(_now(), there=False)

    def _holds(self, demanded: float) -> bool:
        if self._there:
            return _now() < self._asked + PRESENT_FOR
        return max(_now() - ABSENT_FOR, demanded) < self._asked

    def _keep(self, asked: float, *, there: bool) -> None:
        self._asked, self._there = asked, there


async def _seen(ask: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await ask()
    except (Refused, Misconfigured) as error:
        if error.code in UNSEEN:
            return False
        raise


def _now() -> float:
    return asyncio.get_running_loop().time()
