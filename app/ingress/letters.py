"""The values that follow from a delivery: an event, or an audit entry."""

from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from app.ingress.callbacks import Callback
from app.ingress.judge import Genuine, Ignored
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.event import Event, EventSource, Webhook
from streams.domain.identity import digest
from streams.domain.message import Value

V = TypeVar("V", bound=Value)

_NAME = 60
"""Characters of an unknown event's name that the audit keeps."""


class Delivery(NamedTuple):
    """One POST to a callback, as it came."""

    callback: Callback
    body: str
    signature: str
    received_at: datetime
    nth: int
    """Which one of this process it is: two alike in one microsecond are still two."""

    def id(self) -> str:
        """Return the id of what follows from this delivery."""
        return digest(self.callback.path, self.body, f"{self.received_at.isoformat()} {self.nth}")


def event(delivery: Delivery, judged: Genuine) -> Event:
    """Return the event that the delivery is, with all that is needed to verify it again."""
    callback = delivery.callback
    webhook = {
        "callback": callback.path,
        "body": delivery.body,
        "signature": delivery.signature,
        "verifier": judged.verifier,
    }
    fields = {
        "kind": "event",
        "id": delivery.id(),
        "connection": callback.connection,
        "object": judged.kind,
        "object_id": judged.object_id,
        "action": judged.action,
        "source": EventSource.WEBHOOK,
        "received_at": delivery.received_at,
        "webhook": _unchecked(Webhook, webhook),
        "nonce": "",
        "brought_to": None,
    }
    return _unchecked(Event, fields)


def ignored(delivery: Delivery, judged: Ignored, name: str) -> AuditEntry:
    """Return the entry that is all there will be of a delivery that we do not carry."""
    callback, cause = delivery.callback, delivery.id()
    return AuditEntry(
        id=audit_id(Step.INGRESS, Verdict.IGNORED, cause),
        connection=callback.connection,
        step=Step.INGRESS,
        verdict=Verdict.IGNORED,
        cause=cause,
        rule=judged.rule,
        details={"callback": callback.path, "event": name[:_NAME]},
    )


def _unchecked(kind: type[V], fields: dict[str, Any]) -> V:
    """Return a value of fields that were checked before: `judge` saw the delivery, the vault the callback.

    Checking again would cost each webhook as much as parsing it; a test compares with the checked value.
    """
    value = kind.__new__(kind)
    set_ = object.__setattr__
    set_(value, "__dict__", fields)
    set_(value, "__pydantic_fields_set__", set(fields))
    set_(value, "__pydantic_extra__", None)
    set_(value, "__pydantic_private__", None)
    return value
