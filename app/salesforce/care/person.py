"""Whose stage is it? What a person set after us stays; what money does is written.

Two fields of ours on the Opportunity tell, and lie in the same row as the stage itself, so that no crash
and no lost answer can part them: what *we* wrote last, and what a person had chosen before we closed it.
Where the stage is not what we wrote last, a person has set it. Where they do not say that we ever wrote,
nobody can tell: a deal that we won before the fields were there looks as one that a person won.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.salesforce.care.stages import Resolved
from streams.domain.command import STAGE
from streams.mapping.row import STAGE_BEFORE, STAGE_OURS


class There(NamedTuple):
    """An Opportunity as it is in the org."""

    stage: str
    closed: bool
    ours: str | None
    """What we wrote last; nothing where a person's stage is acknowledged, or we never wrote."""
    before: str | None
    """What a person had chosen before we closed it."""


class Care(NamedTuple):
    """What is written of a stage, and what a person should know."""

    fields: Mapping[str, str | None]
    note: str = ""


NOTHING: Final = Care({})


def care(wanted: Resolved, there: There | None) -> Care:
    """Return what becomes of an Opportunity's stage when the books want `wanted`.

    Asked again of what its own answer makes of the row, it changes nothing.
    """
    if there is None:
        return _write(wanted.name, None)
    if wanted.closed:
        return _closing(wanted, there)
    return _opening(wanted, there)


def _closing(wanted: Resolved, there: There) -> Care:
    if there.stage == wanted.name:
        return NOTHING
    if there.closed:  # what was before we won it is what it goes back to from lost, too
        return _write(wanted.name, there.before) if _ours(there) else _left(there)
    if there.ours == wanted.name:
        return _left(there)  # opened again after this very closing
    return _write(wanted.name, None if _ours(there) else there.stage)


def _opening(wanted: Resolved, there: There) -> Care:
    if not _ours(there):
        return _acknowledged(wanted, there)
    if there.closed:
        return _given_back(wanted, there.before or wanted.name)
    return NOTHING if there.stage == wanted.name else _write(wanted.name, None)


def _given_back(wanted: Resolved, stage: str) -> Care:
    """Return what gives an Opportunity the stage that it had: ours if we had written it, else a person's."""
    return Care({STAGE: stage, STAGE_OURS: stage if stage == wanted.name else None, STAGE_BEFORE: None})


def _acknowledged(wanted: Resolved, there: There) -> Care:
    """Leave the stage to a person, and take it for theirs from now on: the next payment closes it anew."""
    held = there.ours is not None or there.before is not None
    fields = {STAGE_OURS: None, STAGE_BEFORE: None} if held else {}
    return Care(fields, "" if there.stage == wanted.name else _left(there).note)


def _ours(there: There) -> bool:
    return there.stage == there.ours


def _write(stage: str, before: str | None) -> Care:
    return Care({STAGE: stage, STAGE_OURS: stage, STAGE_BEFORE: before})


def _left(there: There) -> Care:
    why = "which a person set" if there.ours else "since nothing shows that Freshforce set it"
    return Care({}, f"StageName: left to {there.stage!r}, {why}")
