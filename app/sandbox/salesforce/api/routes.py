"""Which function answers which path and method."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from app.sandbox.salesforce.api import composite, describe, limits, many, query, retrieve, single
from app.sandbox.salesforce.api.exchange import Answer, Ask, refused
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, Problem, Refusal, not_found

Act = Callable[..., Answer]
"""Takes the org, the question and the free parts of the path."""

RESOURCES: Mapping[str, dict[str, Act]] = {
    "": {"GET": limits.resources},
    "limits": {"GET": limits.limits},
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
}  # fmt: skip


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
    return Answer(found.status, found.body, found.headers, endpoint)


def _resource(path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the template of a path and its free parts."""
    found: tuple[str, tuple[str, ...]]
    match path:
        case ("sobjects", name, "describe"):
            found = "sobjects/{type}/describe", (name,)
        case ("sobjects", name):
            found = "sobjects/{type}", (name,)
        case ("sobjects", name, row_id):
            found = "sobjects/{type}/{id}", (name, row_id)
        case ("sobjects", name, key, value):
            found = "sobjects/{type}/{key}/{value}", (name, key, value)
        case ("composite", "sobjects", name):
            found = "composite/sobjects/{type}", (name,)
        case ("composite", "sobjects", name, key):
            found = "composite/sobjects/{type}/{key}", (name, key)
        case ("query" | "queryAll" as kind, locator):
            found = f"{kind}/{{locator}}", (locator,)
        case _:
            found = "/".join(path), ()
            if found[0] not in RESOURCES:
                raise not_found()
    return found


def _act(template: str, ask: Ask) -> Act:
    acts = RESOURCES[template]
    if ask.method in acts:
        return acts[ask.method]
    told = f"HTTP Method '{ask.method}' not allowed. Allowed are {','.join(acts)}"
    raise Refusal(Problem(Code.METHOD_NOT_ALLOWED, told), status=HTTPStatus.METHOD_NOT_ALLOWED)
