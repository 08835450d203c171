"""A person who says that clients share an Account, and takes it back, at any moment of a whole history."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from streams.domain.event import EventSource
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.joined import Joined
from tests.builders.events import MORNING, an_event
from tests.simulation.chance import Chance
from tests.simulation.whole import Whole


@dataclass
class LateJoins:
    """What was decided, and what of it has come round by now (streams.ports.Joins)."""

    chance: Chance
    decided: list[tuple[int, Joined]] = field(default_factory=list)
    seen: int = 0
    """How many of them, from the first."""

    def of(self, _connection: ConnectionName, client: ClientId) -> Joined | None:
        return dict(self.decided[: self.seen]).get(client)

    async def caught_up(self) -> None:
        known = len(self.decided)
        await self.chance.a_while(0.3)
        self.seen = max(self.seen, known)


@dataclass
class Joining(Whole):
    """A whole history of several clients in which a person joins and splits them."""

    often: float = 0.3
    joined: int = 0
    split: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.joins = self.late = LateJoins(self.chance)

    def _deed(self) -> None:
        if self.chance.happens(self.often):
            self._decide()
        else:
            super()._deed()

    def _decide(self) -> None:
        """Join one client to another, or split it off, as the desk allows it: no chain comes about."""
        client = self.chance.choice(range(7, 7 + self.clients))
        if client in self.homes:
            del self.homes[client]
            self.split += 1
        else:
            others = [it for it in range(7, 7 + self.clients) if it not in {client, *self.homes}]
            if not others or client in self.homes.values():
                return
            self.homes[client] = self.chance.choice(others)
            self.joined += 1
        self._sent += 1
        at = MORNING + timedelta(seconds=self._sent)
        home = self.homes.get(client)
        self.late.decided.append((client, Joined(to=None if home is None else ClientId(home), at=at)))
        self._webhooks.append(asyncio.create_task(self._told(client, self._sent)))

    async def _told(self, client: int, nth: int) -> None:
        """Do what the desk does once a decision is written down."""
        await self.chance.a_while(3)
        told = an_event(ObjectKind.CLIENT, client, nth=nth, action="decided")
        self._event(told.model_copy(update={"source": EventSource.MATCH}))
        await self.chance.a_while(3)
        self.late.seen = len(self.late.decided)
