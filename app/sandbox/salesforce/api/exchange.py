"""A question put to the API and its answer, apart from HTTP, so that composite can ask them too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

from app.sandbox.salesforce.refusal import Code, Json, Refusal, bad_request
from app.sandbox.salesforce.writer import Writer

FIRST_VERSION, LAST_VERSION = 20.0, 68.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `path` is what follows the version, cut at slashes, each part unescaped."""

    method: str
    version: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    writer: Writer
    raw: bytes = b""
    parsed: Any = None

    def json(self) -> Any:
        """Return the body.

        Raises:
            Refusal: it is no JSON (JSON_PARSER_ERROR).
        """
        if self.parsed is not None:
            return self.parsed
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            told = f"Unexpected character or end of input at [line:{error.lineno}, column:{error.colno}]"
            raise bad_request(Code.JSON_PARSER_ERROR, told) from None

    def at_least(self, version: float) -> bool:
        """Tell whether the question is of this API version or a later one."""
        return float(self.version.removeprefix("v")) >= version


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `body` None: empty, bytes: as they are, else JSON."""

    status: int = HTTPStatus.OK
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = "other"
    """The kind of call, for the counters."""


def refused(refusal: Refusal, endpoint: str) -> Answer:
    """Return the answer that a refusal is."""
    return Answer(refusal.status, refusal.errors(), endpoint=endpoint)


def boolean(text: str | None, *, default: bool = False) -> bool:
    """Read a query parameter such as `updateOnly=true`."""
    return default if text is None else text.lower() == "true"


def success(row_id: str, *, created: bool | None = None) -> Json:
    """Return the result of a written row."""
    said: Json = {"id": row_id, "success": True, "errors": []}
    return said if created is None else said | {"created": created}
