"""Event: "object N of kind K changed", verified, without saying how."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from streams.domain.identity import ClientId, Connected, EventId, Nonce, ObjectKind, PositiveId, object_key
from streams.domain.message import Value


def _is_none(it: object) -> bool:
    return it is None


class EventSource(StrEnum):
    """How we came to know of it."""

    WEBHOOK = "webhook"
    POLL = "poll"
    COMMAND_LINE = "command-line"
    DELIVER = "deliver"
    """Salesforce lost a row that others refer to: its client is read and sent again."""
    MATCH = "match"
    """A person said which Account a client is; with the action `again` all of it is sent once more."""
    SHARED = "shared"
    """An Account that several clients share is missed, or was made: the other clients' rows depend on it.

    Or an invoice went to another client, whose rows must be written last.
    """
    BROUGHT = "brought"
    """A payment brought an invoice: what is under the invoice's own key must know to whom."""
    RECONCILE = "reconcile"
    """Both sides and the log were compared, and differ in this object."""


AGAIN: Final = "again"
"""Action of an event after which every row of the client is sent, whatever was sent before."""
ORDERED: Final = "ordered"
"""Action of an event of an Order that shows nothing of its invoice yet."""
LOOKED: Final = "looked"
"""Action of an event of a client that waits to be matched: the org shows something new about it."""


class Webhook(Value):
    """The delivery as it came, for the trace: enough to verify it again."""

    callback: str
    """The opaque path of the callback that received it."""
    body: str
    """The body, exactly; `body.encode()` gives back the bytes."""
    signature: str
    verifier: str
    """Which verifier matched: the first 8 hex digits of its SHA-256, never the verifier."""


class Event(Value):
    """Object `object_id` of kind `object` of a connection's FreshBooks account changed."""

    kind: Literal["event"] = "event"
    id: EventId
    connection: Connected
    object: ObjectKind
    object_id: PositiveId
    action: str
    """FreshBooks' verb (create, update, delete, sendByEmail), or `seen` when a poll found it; see `MATCH`.

    `ordered` where a poll found an Order of its Opportunity that shows nothing of the invoice yet, `looked`
    where it found something new about a client that waits to be matched.
    """
    source: EventSource
    received_at: AwareDatetime
    webhook: Webhook | None = None
    nonce: Nonce = ""
    """Names a demand that rows be sent although Salesforce holds them; it goes on to the commands."""
    brought_to: Annotated[ClientId | None, Field(exclude_if=_is_none)] = None
    """Of an invoice that a payment brought: the client whose books were told of it; nothing is read then."""

    @property
    def whole(self) -> bool:
        """Whether every row of the client is wanted, not only those that the object concerns."""
        return self.source is EventSource.DELIVER or (
            self.source is EventSource.MATCH and self.action == AGAIN
        )

    @property
    def alone(self) -> bool:
        """Whether it must have a record of its own, whatever another event of the object has told."""
        return self.whole or bool(self.nonce) or self.source is EventSource.MATCH

    @property
    def key(self) -> str:
        """All events of one object share a key, so they stay in order."""
        return object_key(self.connection, self.object, self.object_id)
