"""A schedule in which the connection is not set up for a while, so that its records are buried."""

from dataclasses import dataclass

from streams.domain.errors import Misconfigured
from tests.builders.records import A_CONNECTION, ACME
from tests.simulation.rewinding import Rewinding


@dataclass
class Burying(Rewinding):
    """In the end it is set up, and all is set back: nothing of what was buried may be missing."""

    buries: str = Misconfigured.code

    def _meddle(self) -> None:
        super()._meddle()
        self.settings[ACME] = A_CONNECTION
        if self.chance.happens(0.5):
            del self.settings[ACME]
