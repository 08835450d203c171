"""What a pass over FreshBooks' lists found, and which of it is news."""

from collections.abc import AsyncIterator, Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from app.freshbooks.client import Listed
from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, ObjectKind, digest
from streams.domain.version import EASTERN

OVERLAP: Final = timedelta(days=1)
"""FreshBooks filters `updated` by whole days of a zone that it does not state (facts, section 3)."""


class Lists(Protocol):
    """FreshBooks' lists, as the poller needs them."""

    def changed(
        self, connection: ConnectionName, kind: ObjectKind, since: date, *, deleted: bool
    ) -> AsyncIterator[Listed]:
        """Yield what changed on or after the day `since`; deleted objects are listed apart from the rest.

        Waits through rate limits, outages and expired tokens.

        Raises:
            Permanent: FreshBooks refuses the list; say so and try again at the next pass.
        """
        ...


Named = tuple[ObjectKind, int]
"""An object of one account."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the event log tells of a connection's findings."""

    ids: set[EventId] = field(default_factory=set)
    first: datetime | None = None
    """When the earliest of them was found; None where there is none."""


@dataclass(slots=True)
class Seen:
    """The stamps of what the last pass found; so the next one repeats no event."""

    stamps: dict[Named, str] = field(default_factory=dict)

    def is_news(self, finding: Listed) -> bool:
        """Tell whether the object is new or differs from what the last pass saw."""
        return self.stamps.get((finding.kind, finding.object_id)) != finding.stamp

    def keep(self, findings: Iterable[Listed]) -> None:
        """Remember `findings`: call it once their events are in Kafka, not before."""
        self.stamps.update({(f.kind, f.object_id): f.stamp for f in findings})

    def forget_all_but(self, listed: Container[Named]) -> None:
        """Forget what a whole pass did not list any more: it comes back only with a newer stamp."""
        self.stamps = {named: stamp for named, stamp in self.stamps.items() if named in listed}


def first_day(last_pass: datetime) -> date:
    """Return the day from which a pass must ask so that nothing since `last_pass` (aware) is missed."""
    return (last_pass.astimezone(EASTERN) - OVERLAP).date()


def event_of(connection: ConnectionName, finding: Listed, at: datetime) -> Event:
    """Return the event that `finding` stands for; the same finding has the same id in every pass."""
    cause = digest("poll", connection, finding.kind.value, str(finding.object_id), finding.stamp)
    return Event(
        id=EventId(cause),
        connection=connection,
        object=finding.kind,
        object_id=finding.object_id,
        action="seen",
        source=EventSource.POLL,
        received_at=at,
    )
