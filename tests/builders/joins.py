"""Clients that share an Account: records of them, and a port that tells who does."""

from dataclasses import dataclass, field
from datetime import timedelta

from streams.domain.identity import ClientId, ConnectionName
from streams.domain.joined import Joined
from streams.domain.record import Record
from tests.builders.records import MORNING, a_client, a_record


def joined(to: int | None, at: int = 0) -> Joined:
    """Return what a person decided `at` seconds into the morning."""
    return Joined(to=None if to is None else ClientId(to), at=MORNING + timedelta(seconds=at))


def a_joined_client(number: int, to: int | None, *, at: int = 1, organization: str = "Acme") -> Record:
    """Return the record of a client, read just when a person said whose Account it shares."""
    record = a_record(a_client(number, organization=organization), at=at)
    return record.model_copy(update={"joined": joined(to, at)})


@dataclass
class SlowJoins:
    """Decisions that come round only to who waits for them (streams.ports.Joins)."""

    decided: dict[int, Joined] = field(default_factory=dict)
    seen: dict[int, Joined] = field(default_factory=dict)

    def of(self, _connection: ConnectionName, client: ClientId) -> Joined | None:
        return self.seen.get(client)

    async def caught_up(self) -> None:
        self.seen = dict(self.decided)
