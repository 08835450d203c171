"""The one seam between us and Salesforce's HTTP: a request goes out, a reply comes back."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from streams.domain.errors import Unreachable

API = "Salesforce"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `url` is whole and already encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


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

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            Unreachable: it is no JSON; a proxy may have answered, so what happened is unknown.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Unreachable(API, f"status {self.status} with a body that is not JSON") from None

    def exact_json(self) -> Any:
        """Return the body as JSON whose numbers with a point are Decimals: money must not become a float.

        Raises:
            Unreachable: as `json`.
        """
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            raise Unreachable(API, f"status {self.status} with a body that is not JSON") from None


Send = Callable[[Request], Awaitable[Reply]]
"""Send a request and return its reply, whatever its status.

Raises:
    Unreachable: no whole answer came (time-out, reset, too large); the effect is unknown.
"""
