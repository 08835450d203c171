"""Several questions in one call: `/composite` (in order, with references) and `/composite/batch`."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from app.sandbox.salesforce.api.exchange import Answer, Ask
from app.sandbox.salesforce.api.placeholders import filled
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, Json, Refusal, bad_request

MOST_PARTS = 25
MOST_HEAVY_PARTS = 5
HALTED = "The transaction was rolled back since another operation in the same transaction failed."

Answering = Callable[[Org, Ask], Answer]


def composite(org: Org, ask: Ask, answering: Answering) -> Answer:
    """Ask one question after another; later ones may use what earlier ones answered."""
    body = object_body(ask.json())
    parts = _parts(body, "compositeRequest")
    _refuse_too_heavy(parts)
    all_or_none, mark = body.get("allOrNone") is True, ask.writer.mark()
    answers: dict[str, Answer] = {}
    for part in parts:
        answer = _answer_to(org, ask, part, answers, answering)
        answers[part["referenceId"]] = answer
        if all_or_none and _failed(answer):
            ask.writer.undo(mark)
            answers = {each["referenceId"]: _halted() for each in parts} | {part["referenceId"]: answer}
            break
    return Answer(body={"compositeResponse": [_composite_part(name, each) for name, each in answers.items()]})


def batch(org: Org, ask: Ask, answering: Answering) -> Answer:
    """Ask questions that know nothing of each other; nothing is taken back."""
    body = object_body(ask.json())
    results: list[Json] = []
    for part in _parts(body, "batchRequests"):
        halted = body.get("haltOnError") is True and any(
            each["statusCode"] >= HTTPStatus.BAD_REQUEST for each in results
        )
        answer = (
            _batch_halted()
            if halted
            else answering(org, _ask_of(ask, part["method"], part["url"], part.get("richInput")))
        )
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer(
        body={
            "hasErrors": any(each["statusCode"] >= HTTPStatus.BAD_REQUEST for each in results),
            "results": results,
        }
    )


def _answer_to(org: Org, ask: Ask, part: Json, answers: dict[str, Answer], answering: Answering) -> Answer:
    known = {name: answer.body for name, answer in answers.items() if not _failed(answer)}
    try:
        url, body = filled(part["url"], known), filled(part.get("body"), known)
    except Refusal as refusal:
        return Answer(refusal.status, refusal.errors())
    return answering(org, _ask_of(ask, part["method"], url, body))


def _ask_of(ask: Ask, method: str, url: str, body: Any) -> Ask:
    """Return the question that a part is; its address may begin at /services, at the version or after it."""
    parts = urlsplit(url)
    path = parts.path.removeprefix("/services/data").strip("/").split("/")
    if path[0].startswith("v") and path[0][1:2].isdigit():
        path = path[1:]
    query = dict(parse_qsl(parts.query))
    return replace(
        ask, method=method.upper(), path=tuple(map(unquote, path)), query=query, raw=b"", parsed=body
    )


def _parts(body: Json, name: str) -> list[Json]:
    parts = body.get(name)
    needed = {"method", "url"} | ({"referenceId"} if name == "compositeRequest" else set())
    if not isinstance(parts, list) or not all(
        isinstance(part, dict) and all(isinstance(part.get(key), str) for key in needed) for part in parts
    ):
        raise bad_request(
            Code.JSON_PARSER_ERROR, f"The request needs {name}, each with {', '.join(sorted(needed))}."
        )
    if len(parts) > MOST_PARTS:
        raise bad_request(Code.LIMIT_EXCEEDED, f"Can't have more than {MOST_PARTS} subrequests.")
    if name == "compositeRequest" and len({part["referenceId"] for part in parts}) < len(parts):
        raise bad_request(Code.INVALID_INPUT, "Each subrequest needs a referenceId of its own.")
    return parts


def _refuse_too_heavy(parts: list[Json]) -> None:
    heavy = sum("/composite/sobjects" in part["url"] or "/query" in part["url"] for part in parts)
    if heavy > MOST_HEAVY_PARTS:
        raise bad_request(
            Code.LIMIT_EXCEEDED, f"Can't have more than {MOST_HEAVY_PARTS} sObject collections or queries."
        )


def _failed(answer: Answer) -> bool:
    return answer.status >= HTTPStatus.BAD_REQUEST


def _halted() -> Answer:
    return Answer(HTTPStatus.BAD_REQUEST, [{"errorCode": "PROCESSING_HALTED", "message": HALTED}])


def _batch_halted() -> Answer:
    told = "Batch processing halted per request"
    return Answer(HTTPStatus.PRECONDITION_FAILED, [{"errorCode": "BATCH_PROCESSING_HALTED", "message": told}])


def _composite_part(name: str, answer: Answer) -> Json:
    said = {"body": answer.body, "httpHeaders": dict(answer.headers), "httpStatusCode": answer.status}
    return said | {"referenceId": name}
