"""Which function answers which path and method."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from app.sandbox.salesforce.api import composite, describe, ingest, limits, many, query, retrieve, single
from app.sandbox.salesforce.api.exchange import Answer, Ask, refused
from app.sandbox.salesforce.api.tooling import TOOLING
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, Problem, Refusal, not_found

Act = Callable[..., Answer]
"""Takes the org, the question and the free parts of the path."""

RESOURCES: Mapping[str, dict[str, Act]] = {
    "": {"GET": limits.resources},
    "limits": {"GET": limits.limits},
    "jobs/ingest": {"GET": ingest.list_jobs, "POST": ingest.create_job},
    "jobs/ingest/{id}": {
        "GET": ingest.show_job, "PATCH": ingest.change_job, "DELETE": ingest.delete_job,
    },
    "jobs/ingest/{id}/batches": {"PUT": ingest.upload},
    "jobs/ingest/{id}/{results}": {"GET": ingest.results},
    "query": {"GET": query.query},
    "queryAll": {"GET": query.query_all},
    "query/{locator}": {"GET": query.next_page},
    "queryAll/{locator}": {"GET": query.next_page},
    "sobjects": {"GET": describe.list_objects},
    "sobjects/{type}": {"GET": describe.basic, "POST": single.create},
    "sobjects/{type}/describe": {"GET": describe.describe},
    "sobjects/{type}/{id}": {
        "GET": single.read, "HEAD": single.read, "PATCH": single.update, "DELETE": single.remove,
    },
    "sobjects/{type}/{key}/{value}": {
        "GET": single.read_by_key, "HEAD": single.read_by_key, "PATCH": single.upsert_one,
        "DELETE": single.remove_by_key,
    },
    "composite": {"POST": lambda org, ask: composite.composite(org, ask, answer)},
    "composite/batch": {"POST": lambda org, ask: composite.batch(org, ask, answer)},
    "composite/sobjects": {"POST": many.create_many, "PATCH": many.update_many, "DELETE": many.delete_many},
    "composite/sobjects/{type}": {"GET": retrieve.read_many, "POST": retrieve.read_many},
    "composite/sobjects/{type}/{key}": {"PATCH": many.upsert_many},
    **TOOLING,
}  # fmt: skip
PARTS = {template: tuple(template.split("/")) for template in RESOURCES}
"""Templates that name more of a path come before those that leave it free."""


def answer(org: Org, ask: Ask) -> Answer:
    """Answer a question, a refusal included."""
    try:
        template, free = _resource(ask.path)
    except Refusal as refusal:
        return refused(refusal, "unknown")
    endpoint = f"{ask.method} {template}"
    mark = ask.writer.mark()
    try:
        found = _act(template, ask)(org, ask, *free)
    except Refusal as refusal:
        ask.writer.undo(mark)
        return refused(refusal, endpoint)
    finally:
        if ask.method != "GET":
            org.regrant()
    return Answer(found.status, found.body, found.headers, endpoint)


def _resource(path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the template of a path and its free parts."""
    for template, parts in PARTS.items():
        if len(parts) == len(path) and all(_fits(part, said) for part, said in zip(parts, path, strict=True)):
            return template, tuple(
                said for part, said in zip(parts, path, strict=True) if part.startswith("{")
            )
    raise not_found()


def _fits(part: str, said: str) -> bool:
    return part == said or part.startswith("{")


def _act(template: str, ask: Ask) -> Act:
    acts = RESOURCES[template]
    if ask.method in acts:
        return acts[ask.method]
    told = f"HTTP Method '{ask.method}' not allowed. Allowed are {','.join(acts)}"
    raise Refusal(Problem(Code.METHOD_NOT_ALLOWED, told), status=HTTPStatus.METHOD_NOT_ALLOWED)
