"""Whose fault it is when the server fails inside: a row's, where it fails over that and takes others."""

from collections.abc import Sequence
from typing import Final

from app.salesforce.refusals import FAILED_INSIDE, Refusal, of_one_row
from app.salesforce.results import Outcome
from app.salesforce.row import Row

THRICE: Final = 3
"""How often a row is refused alone, others having been taken in between, before it is the cause: an outage
that comes and goes strikes whoever is next, hardly ever three times the same."""


class Blame:
    """What one org took and what it failed over."""

    def __init__(self) -> None:
        self._taken = 0

    def took(self) -> None:
        """Note that the org took a batch."""
        self._taken += 1

    def judged(self, rows: Sequence[Row], outcomes: list[Outcome]) -> list[Outcome]:
        """Return `outcomes`, or, for a row that is the cause, that it is refused for good."""
        refusal = outcomes[0]
        if len(rows) > 1 or not isinstance(refusal, Refusal) or refusal.code != FAILED_INSIDE:
            return outcomes
        (row,) = rows
        if not refusal.whole or row.failed_after == self._taken:
            return outcomes
        row.failed_alone, row.failed_after = row.failed_alone + 1, self._taken
        return outcomes if row.failed_alone < THRICE else [of_one_row(refusal)]
