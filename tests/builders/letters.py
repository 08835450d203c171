"""Dead letters with their audit entries, as the loop buries them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.deadletters.retry import Again
from app.view.letters import Letter
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Permanent, Refused
from streams.domain.event import Event
from streams.domain.place import Place
from streams.loop.burial import bury
from streams.loop.contract import Delivery
from streams.ports import Rejected
from streams.steps import ends
from streams.topics import COMMANDS, EVENTS

TOO_LONG = Rejected("STRING_TOO_LONG", "too long (Name)", "shorten it", ("Name",))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_delivery(value: bytes | None, *, key: bytes = b"acme:invoice:123", offset: int = 7) -> Delivery:
    """An event's bytes as they stand in Kafka."""
    return Delivery(Place(topic=EVENTS.name, partition=0, offset=offset), key, value, NOON)


def buried(
    event: Event, *, offset: int = 7, error: Permanent | None = None, step: Step = Step.FETCH
) -> tuple[DeadLetter, AuditEntry]:
    """What the loop writes when a step could not handle `event`."""
    why = error or Refused("INVALID_FIELD (Email): no e-mail address", "mend the client's e-mail")
    letter, entry = bury(step, a_delivery(encode(event), key=event.key.encode(), offset=offset), event, why)
    assert isinstance(letter, DeadLetter)
    assert isinstance(entry, AuditEntry)
    return letter, entry


def buried_unread(raw: bytes, *, offset: int = 7) -> tuple[DeadLetter, AuditEntry]:
    """What the loop writes when the bytes are no message."""
    letter, entry = bury(Step.FETCH, a_delivery(raw, offset=offset), None, Permanent("unreadable", "ask"))
    assert isinstance(letter, DeadLetter)
    assert isinstance(entry, AuditEntry)
    return letter, entry


def buried_row(
    command: Command, *, offset: int = 7, partition: int = 0, answer: Rejected = TOO_LONG
) -> tuple[DeadLetter, AuditEntry]:
    """What the loop writes when Salesforce refused `command` for good."""
    place = Place(topic=COMMANDS.name, partition=partition, offset=offset)
    delivery = Delivery(place, command.key.encode(), encode(command), NOON)
    letter, entry = bury(Step.DELIVER, delivery, command, ends.refused(answer))
    assert isinstance(letter, DeadLetter)
    assert isinstance(entry, AuditEntry)
    return letter, entry


def again(letter: DeadLetter, entry: AuditEntry) -> Again:
    """The letter as a person has it before them who is about to act."""
    return Again(told(letter, entry.model_dump(mode="json")), letter)


def told(letter: DeadLetter, entry: Mapping[str, Any] = MappingProxyType({})) -> Letter:
    """The letter as the view tells of it."""
    return Letter(
        id=letter.id,
        at=NOON,
        connection=letter.connection,
        step=letter.step,
        code=letter.code,
        reason=letter.reason,
        mend=letter.mend,
        place=letter.place,
        entry=entry,
    )
