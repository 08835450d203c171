"""Knobs of the webhook sender: nearly nothing is documented of delivery, so all of it can be turned."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Chance = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class FieldOrder(StrEnum):
    """The order of the form's fields; it differs between all samples seen."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    SHUFFLED = "shuffled"
    """Another order for each delivery."""


class Knobs(BaseModel):
    """How webhooks are sent. Chance spares the handshakes."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    paused: bool = False
    """Keep everything back until unpaused; events then go out in their turn."""
    delay_least: Seconds = 0.0
    delay_most: Seconds = 0.0
    """Each delivery waits for a random time between the two ("a few seconds to several minutes")."""
    reorder: Chance = 0.0
    """Chance to be overtaken: such a delivery waits up to `reorder_seconds` more."""
    reorder_seconds: Seconds = 0.5
    duplicate: Chance = 0.0
    """Chance to be sent twice."""
    drop: Chance = 0.0
    """Chance never to be sent: no error is seen anywhere."""
    wrong_signature: Chance = 0.0
    """Chance to be signed with another key, as a forger would."""
    retry: bool = False
    """Send again after an answer that is not 2xx, or none. Off: nobody has confirmed that FreshBooks does."""
    retry_times: Annotated[int, Field(ge=0)] = 8
    retry_after: Seconds = 0.25
    """Doubles from try to try."""
    timeout: Seconds = 10.0
    at_once: Annotated[int, Field(ge=1)] = 64
    """Deliveries in flight at most; 1 keeps the order."""
    per_second: Annotated[float, Field(gt=0)] | None = None
    """Start at most this many deliveries a second."""
    field_order: FieldOrder = FieldOrder.RECORDED
