"""The one seam between us and Salesforce's HTTP: a request goes out, a reply comes back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.salesforce.wire.reading import Unreadable, parsed
from streams.domain.errors import Unreachable

API: Final = "Salesforce"

ANSWER_LIMIT: Final = 32 * 1024 * 1024
"""Largest answer that we read, unpacked: a page of 2,000 wide rows is below a third of it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `url` is whole and already encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    answer_limit: int = ANSWER_LIMIT
    """Bytes of the largest answer that makes sense to it."""


_ENDS: Final = {b"{": b"}", b"[": b"]"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, read to its end; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Tell whether Salesforce took the request as a whole (its rows may still have failed)."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own classes

    @property
    def told(self) -> bool:
        """Tell whether it may be the whole of what Salesforce says: a 204 has no body, all else is JSON.

        By its ends alone, which tells a page, an empty answer and a broken one without reading them.
        """
        body = self.body.strip()
        return self.status == 204 or _ENDS.get(body[:1]) == body[-1:]  # noqa: PLR2004 - HTTP's own number

    def json(self, *, exact: bool = False) -> Any:
        """Return the body as JSON; `exact` reads numbers with a point as Decimals: money is no float.

        Raises:
            Unreachable: it is no JSON, or none of Salesforce's; a proxy may have answered, so what
                happened is unknown.
        """
        try:
            return parsed(self.body, exact=exact)
        except Unreadable as error:
            raise Unreachable(API, f"status {self.status} with a body that is {error}") from None


Send = Callable[[Request], Awaitable[Reply]]
"""Send a request and return its reply, whatever its status.

Raises:
    Unreachable: no whole answer came (time-out, reset, too large); the effect is unknown.
"""
