"""`/jobs/ingest/...`: the Bulk API 2.0 over HTTP. Codes of refused state changes are from memory."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from app.sandbox.salesforce.api.exchange import Answer, Ask
from app.sandbox.salesforce.api.keys import key_field
from app.sandbox.salesforce.bulk.job import ENDED, Job, Order, State
from app.sandbox.salesforce.bulk.sheet import UnreadableSheet, read, written
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Code, bad_request, not_found

CSV = {"Content-Type": "text/csv;charset=UTF-8"}
INVALID_STATE = "INVALIDJOBSTATE"


def create_job(org: Org, ask: Ask) -> Answer:
    """Open a job."""
    try:
        order = Order.model_validate(object_body(ask.json()))
    except ValidationError as wrong:
        places = ", ".join(".".join(map(str, each["loc"])) for each in wrong.errors(include_input=False))
        raise bad_request(Code.INVALID_INPUT, f"The job is not as it must be, at {places}") from None
    shape = shape_of(order.object, org.api_shapes)
    if order.operation == "upsert":
        key_field(shape, order.external_id_field)
    made = Job(org.mint.new("750"), order, ask.writer.user_id, ask.version, org.clock.now())
    org.jobs[made.id] = made
    return Answer(body=made.shown())


def list_jobs(org: Org, _ask: Ask) -> Answer:
    """List the jobs."""
    return Answer(body={"done": True, "records": [each.shown() for each in org.jobs.values()]})


def show_job(org: Org, _ask: Ask, job_id: str) -> Answer:
    """Say how far a job is."""
    return Answer(body=_job(org, job_id).shown())


def upload(org: Org, ask: Ask, job_id: str) -> Answer:
    """Take the one upload of an open job."""
    job = _job(org, job_id)
    if job.state is not State.OPEN or job.filled:
        raise bad_request(INVALID_STATE, "A job takes one upload, while it is open")
    job.filled = True
    try:
        job.header, job.rows = read(ask.raw, job.order, shape_of(job.order.object, org.api_shapes))
    except UnreadableSheet as unreadable:
        job.error = str(unreadable)
    return Answer(HTTPStatus.CREATED)


def change_job(org: Org, ask: Ask, job_id: str) -> Answer:
    """Close a job, so that it is worked off, or abort it."""
    job, wanted = _job(org, job_id), object_body(ask.json()).get("state")
    if wanted == State.UPLOAD_COMPLETE and job.state is State.OPEN:
        job.state, job.closed_at = State.UPLOAD_COMPLETE, org.clock.now()
    elif wanted == State.ABORTED and job.state not in ENDED:
        job.state = State.ABORTED
    else:
        raise bad_request(INVALID_STATE, f"A job that is {job.state.value} cannot become {wanted}")
    return Answer(body=job.shown())


def delete_job(org: Org, _ask: Ask, job_id: str) -> Answer:
    """Forget a job that is not being filled or worked off."""
    job = _job(org, job_id)
    if job.state in {State.OPEN, State.IN_PROGRESS}:
        raise bad_request(INVALID_STATE, f"A job that is {job.state.value} cannot be deleted")
    del org.jobs[job.id]
    return Answer(HTTPStatus.NO_CONTENT)


def results(org: Org, _ask: Ask, job_id: str, what: str) -> Answer:
    """Give the rows that were written, that failed, or that nobody came to."""
    job = _job(org, job_id)
    match what:
        case "successfulResults":
            return _sheet(job, ("sf__Id", "sf__Created"), job.done)
        case "failedResults":
            return _sheet(job, ("sf__Id", "sf__Error"), job.failed)
        case "unprocessedrecords":
            return _sheet(job, (), job.rows)
        case _:
            raise not_found()


def _sheet(job: Job, columns: tuple[str, ...], rows: Sequence[Any]) -> Answer:
    return Answer(body=written((*columns, *job.header), rows, job.order), headers=CSV)


def _job(org: Org, job_id: str) -> Job:
    if job_id not in org.jobs:
        raise not_found()
    return org.jobs[job_id]
