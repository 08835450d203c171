"""The dead letters of an installation: what Kafka keeps of them, and what people do about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.deadletters.archive import fetched
from app.deadletters.discard import discard
from app.deadletters.retry import Again, put_back
from app.deadletters.said import By
from app.view.letters import Letter
from streams.domain.deadletter import DeadLetter


@dataclass(frozen=True, slots=True)
class KeptLetters:
    """The letters in Kafka. All of these raise `Unreachable` when no broker answers."""

    options: Mapping[str, Any]

    async def fetched(self, letters: Sequence[Letter]) -> Mapping[str, DeadLetter]:
        """Return the letters with their bytes, by id; one that Kafka no longer holds is left out."""
        return await fetched(self.options, letters)

    async def put_back(self, again: Sequence[Again], by: By) -> None:
        """Have the messages tried again, or what somebody wants in their place."""
        await put_back(self.options, again, by)

    async def discard(self, letters: Sequence[Letter], by: By) -> None:
        """Say that nothing needs to come of them."""
        await discard(self.options, letters, by)
