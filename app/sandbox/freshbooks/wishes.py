"""What the control API takes, and what it tells."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.sandbox.freshbooks.acts import Act

CENTURY = 100 * 366 * 86_400.0
"""Seconds by which the clock may be moved: the calendar has an end."""


class Wish(BaseModel):
    """Something asked of the sandbox; misspelt fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Acts(Wish):
    """Things users do, in order."""

    acts: tuple[Act, ...]


class ClockMove(Wish):
    """Move the clock by seconds, or set it; `stopped` freezes it there."""

    advance_seconds: Annotated[float, Field(ge=-CENTURY, le=CENTURY)] | None = None
    set: AwareDatetime | None = None
    stopped: bool = False


class Sowing(Wish):
    """Seed a past of so many invoices."""

    invoices: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: int = 0


class Settling(Wish):
    """Wait until every webhook is delivered, at most so long."""

    timeout: Annotated[float, Field(gt=0)] = 30.0


class TokenEnd(Wish):
    """End access tokens only, or everything, so that a new consent is needed."""

    what: Literal["access", "all"] = "access"


class Play(Wish):
    """Play a scenario; `size` is its number of invoices."""

    scenario: str
    seed: int = 0
    size: Annotated[int, Field(ge=1, le=1_000_000)] = 100


class Sent(BaseModel):
    """One delivery as the sandbox remembers it."""

    callback: int
    event: str
    object_id: int
    uri: str
    body: str
    signed: str
    answers: list[int]
    dropped: bool
    forged: bool
    accepted: bool


class Counters(BaseModel):
    """What the sandbox saw: requests per endpoint and status, events, webhooks, faults that struck."""

    requests: dict[str, int]
    events: dict[str, int]
    webhooks: dict[str, Any]
    faults: dict[str, int]
    objects: dict[str, int]
