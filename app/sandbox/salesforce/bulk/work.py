"""Working off closed jobs, as the org does by and by: in chunks of 200 rows, each with its own result."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from app.sandbox.salesforce.actor import Actor
from app.sandbox.salesforce.api.batch import MOST_ROWS, key_of
from app.sandbox.salesforce.api.keys import key_field, row_id_in
from app.sandbox.salesforce.api.upsert import SeveralMatches, refuse_keyless, several_refused, upsert
from app.sandbox.salesforce.bin import delete
from app.sandbox.salesforce.bulk.job import ENDED, KEPT, Job, State
from app.sandbox.salesforce.bulk.sheet import body_of
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Json, Refusal
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.writer import Writer


def settle(org: Org) -> None:
    """Bring every job to where it is by now, and forget those that ended long ago."""
    now = org.clock.now()
    for job in list(org.jobs.values()):
        if job.closed_at is not None and job.state not in ENDED:
            age = now - job.closed_at
            if age >= 2 * org.bulk_delay:
                _process(org, job)
            elif age >= org.bulk_delay:
                job.state = State.IN_PROGRESS
        elif job.state in ENDED and now - job.made_at >= KEPT:
            del org.jobs[job.id]


def _process(org: Org, job: Job) -> None:
    try:
        shape = shape_of(job.order.object, org.api_shapes)
    except Refusal:
        job.error = "InvalidEntity : the org has no such object any more"
    if job.error:
        job.state = State.FAILED
        return
    rows = iter(job.rows)
    while chunk := list(islice(rows, MOST_ROWS)):
        for done, result in _results(org, job, shape, chunk):
            (job.done if done else job.failed).append(result)
    job.state, job.rows = State.JOB_COMPLETE, []


def _results(
    org: Org, job: Job, shape: Shape, chunk: Sequence[tuple[str, ...]]
) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Yield whether each row of a chunk was written, and its result."""
    struck = org.trouble.strike(shape.name, [_key(job, row) for row in chunk])
    for at, row in enumerate(chunk):
        writer = Writer(org, Actor(job.by, through_api=True))
        try:
            if at in struck:
                raise struck[at]
            row_id, created = _write(org, writer, job, shape, body_of(shape, job.header, row))
        except Refusal as refusal:
            writer.undo()
            yield False, ("", _spelled(refusal), *row)
        else:
            yield True, (row_id, str(created).lower(), *row)


def _key(job: Job, row: Sequence[str]) -> str | None:
    wanted = (job.order.external_id_field or "Id").lower()
    return next((text for name, text in zip(job.header, row, strict=True) if name.lower() == wanted), None)


def _write(org: Org, writer: Writer, job: Job, shape: Shape, body: Json) -> tuple[str, bool]:
    match job.order.operation:
        case "insert":
            return writer.insert(shape, body), True
        case "upsert":
            return _upsert(writer, job, shape, body)
        case "update" | "delete" as operation:
            row_id = row_id_in(shape, str(_take(body, "Id") or ""))
            if operation == "update":
                writer.update(shape, row_id, body)
            else:
                delete(org, writer, shape, row_id)
            return row_id, False


def _upsert(writer: Writer, job: Job, shape: Shape, body: Json) -> tuple[str, bool]:
    key = key_field(shape, job.order.external_id_field)
    value = _take(body, "Id") if key.name == "Id" else key_of(body, key)
    refuse_keyless(key, value)
    try:
        return upsert(writer, shape, key, value, body)
    except SeveralMatches:
        raise several_refused() from None


def _take(body: Json, name: str) -> Any:
    """Take a value out of a body, whatever the case of its name."""
    return next((body.pop(each) for each in list(body) if each.lower() == name.lower()), None)


def _spelled(refusal: Refusal) -> str:
    """Write a refusal as `sf__Error` has it."""
    (problem, *_) = refusal.problems
    return f"{problem.code}:{problem.message}:{' '.join(problem.fields or ())}--"
