"""Dead letters without Kafka: kept in a dict, and all that people did about them written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.deadletters.retry import Again
from app.deadletters.said import By
from app.kafka.failures import KafkaAway
from app.view.letters import Letter
from streams.domain.deadletter import DeadLetter


@dataclass
class FakeLetters:
    """What the desk asks of dead letters."""

    kept: dict[str, DeadLetter] = field(default_factory=dict)
    put: list[tuple[Again, By]] = field(default_factory=list)
    discarded: list[tuple[Letter, By]] = field(default_factory=list)

    away: bool = False
    """Whether Kafka takes nothing."""

    async def fetched(self, letters: Sequence[Letter]) -> Mapping[str, DeadLetter]:
        return {it.id: self.kept[it.id] for it in letters if it.id in self.kept}

    async def put_back(self, again: Sequence[Again], by: By) -> None:
        if self.away:
            raise KafkaAway("KafkaConnectionError")  # noqa: EM101 - as Kafka names it
        self.put += [(each, by) for each in again]

    async def discard(self, letters: Sequence[Letter], by: By) -> None:
        self.discarded += [(each, by) for each in letters]
