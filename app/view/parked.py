"""The commands that wait by now: the newest word on each is that it was parked."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, select

from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict

_WORDS: Final = tuple(
    each.value
    for each in (
        Verdict.PARKED,
        Verdict.APPLIED,
        Verdict.UNCHANGED,
        Verdict.SUPERSEDED,
        Verdict.REJECTED,
        Verdict.DEAD_LETTER,
        Verdict.ERASED,
    )
)
"""What overrules an earlier word on a command: that it waits, or an end."""


def waits(*also: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that an entry is the last word on a command, and says that it waits.

    Retried, a dead letter may come to wait, and what waits may come to wait for something else: what was
    said later counts. All of one command stands in one partition, hence its offsets are in order.
    """
    later = ENTRIES.alias("later")
    overruled = select(later.c.id).where(
        later.c.cause == ENTRIES.c.cause,
        later.c.offset > ENTRIES.c.offset,
        later.c.verdict.in_(_WORDS),
    )
    said = ENTRIES.c.verdict == Verdict.PARKED.value, ENTRIES.c.step == Step.DELIVER.value
    return and_(*said, *also, ~overruled.exists())
