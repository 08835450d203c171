"""Who asks for a row that another one takes along, or repeats, hears of it when that one does."""

import asyncio
from collections.abc import Callable, Mapping
from typing import assert_never

from app.salesforce.rows.row import Row
from streams.domain.command import Command, Field
from streams.ports import (
    Absent,
    Answer,
    Applied,
    HeldBack,
    ParentMissing,
    Rejected,
    Replaced,
    TurnedAway,
    Undecided,
)


def echoed(row: Row, answer: asyncio.Future[Answer]) -> None:
    """Give the asker of a repeat the answer of `row`, once it has one."""
    row.answer.add_done_callback(lambda told: _pass_on(told, answer, lambda its: its))


def replaced(row: Row, by: Command, answer: asyncio.Future[Answer]) -> None:
    """Tell the asker of `row` that `by` takes its place: at once if that leaves nothing of it alone.

    If not, the row's goes along, and is lost should `by` come again alone, as the log has it: after a crash,
    or refused. So nothing is told before `by` has its own answer.
    """
    asked, fields, replaced = row.answer, row.fields, Replaced(by.id)
    if asked.done():
        return
    if fields.keys() <= by.fields.keys():
        asked.set_result(replaced)
    else:
        answer.add_done_callback(
            lambda told: _pass_on(told, asked, lambda its: _along(its, replaced, fields))
        )


def _along(its: Answer, replaced: Replaced, fields: Mapping[str, Field]) -> Answer:
    """Return the answer to a row that went along with one that got `its`."""
    match its:
        case Applied() | Absent() | Replaced():
            return replaced
        case Rejected() | HeldBack():
            return HeldBack(fields)
        case ParentMissing() | Undecided() | TurnedAway():
            return its
        case never:
            assert_never(never)


def _pass_on(
    told: asyncio.Future[Answer], answer: asyncio.Future[Answer], said: Callable[[Answer], Answer]
) -> None:
    """Pass an answer on to another asker, as `said` to that one."""
    if answer.done():
        return
    if told.cancelled():
        answer.cancel()
    elif (fault := told.exception()) is not None:
        answer.set_exception(fault)
    else:
        answer.set_result(said(told.result()))
