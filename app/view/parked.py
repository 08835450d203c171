"""The commands that wait by now: the newest word on each is that it was parked."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from app.view.tables import ENTRIES
from app.view.waived import waived
from streams.domain.audit import Step, Verdict

_ENDS: Final = tuple(
    each.value
    for each in (
        Verdict.APPLIED,
        Verdict.UNCHANGED,
        Verdict.SUPERSEDED,
        Verdict.REJECTED,
        Verdict.ERASED,
    )
)
"""What a command ends with, told once."""
_WORDS: Final = (Verdict.PARKED.value, Verdict.DEAD_LETTER.value, *_ENDS)
"""What overrules an earlier word on a command: that it waits, or an end."""


def waits(*also: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that an entry is the last word on a command, and says that it waits.

    Retried, a dead letter may come to wait, and what waits may come to wait for something else: what was
    said later counts. All of one command stands in one partition, hence its offsets are in order.
    But an end is told once: what ended, and is read again after a crash, may wait, and its end adds nothing
    then. Only what a person discarded has an end of another kind, and may be tried again.
    """
    other = ENTRIES.alias("other")
    for_good = and_(other.c.verdict.in_(_ENDS), ~waived(other))
    overruled = select(other.c.id).where(
        other.c.cause == ENTRIES.c.cause,
        or_(and_(other.c.offset > ENTRIES.c.offset, other.c.verdict.in_(_WORDS)), for_good),
    )
    said = ENTRIES.c.verdict == Verdict.PARKED.value, ENTRIES.c.step == Step.DELIVER.value
    return and_(*said, *also, ~overruled.exists())
