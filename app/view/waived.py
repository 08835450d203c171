"""The one end that is not for good: a person discarded the command, and may have it tried again after all."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_

from streams.domain.audit import Verdict
from streams.steps.ends import DISCARDED


def waived(entries: FromClause) -> ColumnElement[Any]:
    """Return the condition that an entry is deliver's word on a command that a person discarded.

    Whole entries are looked into of those alone that say something like it.
    """
    return and_(
        entries.c.verdict == Verdict.SUPERSEDED.value, entries.c.entry.contains(f'"rule":"{DISCARDED}"')
    )
