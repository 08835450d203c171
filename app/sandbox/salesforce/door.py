"""From an HTTP request to a question, and from an answer to an HTTP response."""

from http import HTTPStatus
from urllib.parse import unquote

import orjson
from aiohttp import web

from app.sandbox.salesforce.actor import Actor
from app.sandbox.salesforce.api.exchange import FIRST_VERSION, LAST_VERSION, Answer, Ask, refused
from app.sandbox.salesforce.api.routes import answer
from app.sandbox.salesforce.bulk.work import settle
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Refusal, not_found
from app.sandbox.salesforce.writer import Writer

ROOT = "/services/data/"
JSON_TYPE = "application/json;charset=UTF-8"
MOST_ADDRESS = 16_384
"""Bytes of the URI, and of the URI with the headers."""
LIMIT_HEADER = "Sforce-Limit-Info"


def answered(org: Org, request: web.Request, raw: bytes) -> Answer:
    """Answer a request to the REST API; counts it."""
    settle(org)
    found = _answer(org, request, raw)
    org.counters.call(found.endpoint, found.status)
    return found


def response(org: Org, found: Answer, *, pretty: bool = False) -> web.Response:
    """Return `found` as HTTP."""
    headers = {LIMIT_HEADER: org.limits.header(), **found.headers}
    if found.body is None:
        return web.Response(status=found.status, headers=headers)
    if isinstance(found.body, bytes):
        return web.Response(status=found.status, headers=headers, body=found.body)
    body = orjson.dumps(found.body, option=orjson.OPT_INDENT_2 if pretty else None)
    return web.Response(status=found.status, body=body, headers={**headers, "Content-Type": JSON_TYPE})


def _answer(org: Org, request: web.Request, raw: bytes) -> Answer:
    too_long = _too_long(request)
    if too_long is not None:
        return too_long
    try:
        session = org.sessions.use(request.headers.get("Authorization", ""))
        org.limits.count()
        return answer(org, _ask(org, request, raw, session.user_id))
    except Refusal as refusal:
        return refused(refusal, "refused at the door")


def _ask(org: Org, request: web.Request, raw: bytes, user_id: str) -> Ask:
    version, *path = request.rel_url.raw_path.removeprefix(ROOT).rstrip("/").split("/")
    number = version.removeprefix("v")
    if number == version or not _is_version(number):
        raise not_found()
    method = (
        request.query.get("_HttpMethod", request.method).upper()
        if request.method == "POST"
        else request.method
    )
    actor = Actor(user_id, through_api=True, allow_save=_allows_save(request))
    place = tuple(map(unquote, path)) or ("",)
    return Ask(method, version, place, request.query, request.headers, Writer(org, actor), raw)


def _is_version(number: str) -> bool:
    whole, _, rest = number.partition(".")
    return whole.isdigit() and rest == "0" and FIRST_VERSION <= float(number) <= LAST_VERSION


def _allows_save(request: web.Request) -> bool:
    said = request.headers.get("Sforce-Duplicate-Rule-Header", "").replace(" ", "").lower()
    return "allowsave=true" in said


def _too_long(request: web.Request) -> Answer | None:
    address = len(request.path_qs)
    if address > MOST_ADDRESS:
        return Answer(HTTPStatus.REQUEST_URI_TOO_LONG, endpoint="too long")
    if address + sum(len(name) + len(value) + 4 for name, value in request.raw_headers) > MOST_ADDRESS:
        return Answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, endpoint="too long")
    return None
