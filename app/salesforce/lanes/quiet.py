"""How long an org is left alone after it refused everything."""

from dataclasses import dataclass
from random import Random
from typing import Final

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import DAILY_PAUSE, Refusal

FIRST: Final = 0.25
LONGEST: Final = 60.0
FIRST_FOR_PEOPLE: Final = 15.0
LONGEST_FOR_PEOPLE: Final = 300.0
"""A person's mend is noticed within five minutes."""


def backoff(tries: int, chance: Random, first: float = FIRST, longest: float = LONGEST) -> float:
    """Return the seconds to wait before try number `tries` + 1: doubling, with half of it left to chance."""
    return float(min(longest, first * 2 ** min(tries - 1, 16)) * chance.uniform(0.5, 1.0))


def asks_together(now: float) -> float:
    """Return the seconds until rows that a person must help are sent again: all of them at one moment."""
    return LONGEST_FOR_PEOPLE - now % LONGEST_FOR_PEOPLE


@dataclass(slots=True)
class Quiet:
    """One org's rest. It ends by itself; the next call tells whether the cause has."""

    chance: Random
    until: float = 0.0
    failures: int = 0

    def after(self, refusal: Refusal, now: float) -> float | None:
        """Rest because of `refusal`; return for how long, or None when the org rests already."""
        if now < self.until:
            return None
        self.failures += 1
        seconds = self._seconds(refusal)
        self.until = now + seconds
        return seconds

    def well(self) -> bool:
        """Note that the org took a request; tell whether it had refused before."""
        ill, self.failures = self.failures > 0, 0
        return ill

    def _seconds(self, refusal: Refusal) -> float:
        asked = refusal.wait.total_seconds() if refusal.wait else 0.0
        match refusal.meaning:
            case Meaning.BUDGET:
                return asked or DAILY_PAUSE.total_seconds()
            case Meaning.CONFIGURATION | Meaning.SESSION:
                return max(asked, backoff(self.failures, self.chance, FIRST_FOR_PEOPLE, LONGEST_FOR_PEOPLE))
            case _:
                return max(asked, backoff(self.failures, self.chance))
