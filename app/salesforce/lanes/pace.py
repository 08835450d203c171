"""When a batch goes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A batch goes when it is full, when its oldest row has waited long enough, or when nothing is out.

    In all three cases a lane must be free. In the last one, rows that come in the same moment are
    waited for: that is `pause`.
    """

    size: int = 200
    """Rows per call; Salesforce takes no more."""
    linger: float = 0.05
    """Seconds that a row waits for company at most, while a lane is free."""
    pause: float = 0.005
    """Seconds without a new row after which an org with no call out is sent what there is."""
