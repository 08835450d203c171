"""Send one batch and find out what became of each row; a poison row is found by halving."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.salesforce.encoding import batch
from app.salesforce.meanings import SETUP, Meaning
from app.salesforce.org import Org
from app.salesforce.refusals import Refusal, of_error, of_reply
from app.salesforce.results import Outcome, results
from app.salesforce.waiting import Row, Shelf
from streams.domain.errors import FreshforceError
from streams.ports import Applied

_ONE_ROWS_FAULT: Final = frozenset({Meaning.PERMANENT, Meaning.DEPENDENCY, Meaning.ONCE, Meaning.SCHEMA})
"""Refusals of a whole request that a single row of it may have caused."""


async def send(org: Org, shelf: Shelf, rows: Sequence[Row]) -> list[Outcome]:
    """Upsert `rows` in as few calls as Salesforce allows; return their outcomes in the same order.

    A request refused for one row's fault is halved until the row stands alone: for 200 rows that
    is at most 16 calls more. Nothing is raised: what failed as a whole is a refusal of every row.
    """
    outcomes = await _try(org, shelf, rows)
    if not _refused_for_one(outcomes):
        return outcomes
    if _meaning(outcomes) is Meaning.SCHEMA:
        org.forget_shape(shelf[0].value)
        outcomes = await _try(org, shelf, rows)
    return await _halved(org, shelf, rows, outcomes)


async def _halved(org: Org, shelf: Shelf, rows: Sequence[Row], outcomes: list[Outcome]) -> list[Outcome]:
    if not _refused_for_one(outcomes):
        return outcomes
    if len(rows) == 1:
        return [replace(outcome, whole=False) for outcome in outcomes if isinstance(outcome, Refusal)]
    found: list[Outcome] = []
    for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        trouble = _trouble(found)
        tried: list[Outcome] = [trouble] * len(half) if trouble else await _try(org, shelf, half)
        found += await _halved(org, shelf, half, tried)
    return found


def _trouble(found: Sequence[Outcome]) -> Refusal | None:
    """Return what befell the org itself while its rows were halved: then the rest waits, uncalled."""
    return next((each for each in found if isinstance(each, Refusal) and each.whole), None)


def _refused_for_one(outcomes: Sequence[Outcome]) -> bool:
    return _meaning(outcomes) in _ONE_ROWS_FAULT


def _meaning(outcomes: Sequence[Outcome]) -> Meaning | None:
    """Return why the request as a whole was refused, if it was."""
    first = outcomes[0]
    return first.meaning if isinstance(first, Refusal) and first.whole else None


async def _try(org: Org, shelf: Shelf, rows: Sequence[Row]) -> list[Outcome]:
    """Send `rows` in one call."""
    try:
        return await _call(org, shelf, rows)
    except FreshforceError as error:
        return [of_error(error)] * len(rows)


async def _call(org: Org, shelf: Shelf, rows: Sequence[Row]) -> list[Outcome]:
    sobject, key_field = shelf
    shape = await org.shape(sobject.value)
    if key_field not in shape.keys:
        org.forget_shape(sobject.value)
        return [_no_key(sobject.value, key_field)] * len(rows)
    request = batch(rows, key_field, shape)
    org.say_missing(sobject.value, request.missing)
    org.client.meter.carried(org.name, sobject.value, len(rows))
    reply = await org.client.upsert(sobject.value, key_field, request.body)
    if not reply.ok:
        return [_refused(org, sobject.value, of_reply(reply))] * len(rows)
    external_ids = [row.command.external_id for row in rows]
    outcomes = results(reply, sobject.value, external_ids, org.known)
    return [_noted(outcome, notes) for outcome, notes in zip(outcomes, request.notes, strict=True)]


def _refused(org: Org, sobject: str, refusal: Refusal) -> Refusal:
    if refusal.meaning is Meaning.CONFIGURATION:
        org.forget_shape(sobject)  # a person's mend may be a new field or permission
    return refusal


def _noted(outcome: Outcome, notes: tuple[str, ...]) -> Outcome:
    return replace(outcome, notes=notes) if notes and isinstance(outcome, Applied) else outcome


def _no_key(sobject: str, key_field: str) -> Refusal:
    reason = f"{sobject}.{key_field} is no external id field of the org, or hidden from us"
    return Refusal(Meaning.CONFIGURATION, "no-external-id-field", reason, SETUP, (key_field,), whole=True)
