"""The two clocks of the ingress: the calendar's, and one that never steps back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    """What time it is, and how much of it has passed."""

    calendar: Callable[[], datetime]
    steady: Callable[[], float]
