"""Whose fault it is when the server fails inside: a row's, where it fails over that and takes others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeGuard

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import FAILED_INSIDE, NAMELESS, Refusal, of_one_row
from app.salesforce.answers.results import Outcome
from app.salesforce.rows.row import Row
from streams.ports import Applied

THRICE: Final = 3
"""How often the server fails over a row, others having been taken beside it or in between, before it is the
cause: an outage that comes and goes strikes whoever is next, hardly ever three times the same."""

SPREAD: Final = 7
"""How often a row is sent again before it may be the cause: half a minute, for what is short to pass."""

AT_LAST: Final = 20
"""How often a row's own result says so before it is the cause though nothing else moves: some ten minutes.

In an outage that says so of all rows they go one by one, and the org rests in between. All come to this
together, so it must have failed as often since the last of them was buried: one goes in some ten minutes.
"""

LESS_MAY_PASS: Final = frozenset(
    {"timed-out", FAILED_INSIDE, NAMELESS, "UNABLE_TO_LOCK_ROW", "unknown-outcome"}
)
"""Refusals that a too large or one bad batch may cause as well as an outage.

An answer that says of each row what became of another row cannot do so of a row that is alone.
"""


class Blame:
    """What one org took and what it failed over."""

    def __init__(self) -> None:
        self._taken = 0
        """The batches of which it took something."""
        self._failed = 0
        """How often rows' own results said that it failed, since a row was last found to be the cause."""

    def judged(self, rows: Sequence[Row], outcomes: list[Outcome]) -> list[Outcome]:
        """Return `outcomes`, or, for a row that is the cause, that it is refused for good.

        Where several rows failed and none was taken, one of them may have spoilt all: it is found as in a
        request that failed as a whole, in smaller and smaller batches.
        """
        took = any(map(_took, rows, outcomes))
        self._taken += took
        if len(rows) > 1 and not took:
            return [replace(it, whole=True) if _failed(it) else it for it in outcomes]
        alone = len(rows) == 1
        return [
            self._of(row, it, alone=alone) if _failed(it) else it
            for row, it in zip(rows, outcomes, strict=True)
        ]

    def _of(self, row: Row, refusal: Refusal, *, alone: bool) -> Refusal:
        if refusal.whole and not alone:
            return refusal
        row.failed_itself += not refusal.whole
        self._failed += not refusal.whole
        if row.failed_after != self._taken:
            row.failed_alone, row.failed_after = row.failed_alone + 1, self._taken
        thrice = row.failed_alone >= THRICE and row.tries >= SPREAD
        if thrice or min(row.failed_itself, self._failed) >= AT_LAST:
            self._failed = 0
            return of_one_row(refusal)
        return replace(refusal, whole=alone)


def _failed(outcome: Outcome) -> TypeGuard[Refusal]:
    """Tell whether the server failed inside, or nobody says who refuses it.

    A 400 that says the former has been halved, and is the row's for sure.
    """
    if not isinstance(outcome, Refusal):
        return False
    return outcome.code in {FAILED_INSIDE, NAMELESS} and outcome.meaning is Meaning.TRANSIENT


def _took(row: Row, outcome: Outcome) -> bool:
    """Tell whether the org itself took a row: of some nothing is sent."""
    return isinstance(outcome, Applied) and not (row.worn and row.worn.stands_for)
