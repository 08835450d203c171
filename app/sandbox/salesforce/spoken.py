"""A fault of the plan, worded as Salesforce words it."""

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from app.sandbox.faults import FaultKind, Rule, Speak, retry_after
from app.sandbox.salesforce.door import JSON_TYPE, LIMIT_HEADER
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import UNEXPECTED, Code, Problem
from app.sandbox.salesforce.rules import LOCK_MESSAGE

OAUTH = "/services/oauth2/"
BY_STATUS = {
    HTTPStatus.UNAUTHORIZED: Code.INVALID_SESSION_ID,
    HTTPStatus.FORBIDDEN: Code.REQUEST_LIMIT_EXCEEDED,
    HTTPStatus.NOT_FOUND: Code.NOT_FOUND,
    HTTPStatus.SERVICE_UNAVAILABLE: Code.SERVER_UNAVAILABLE,
}
MESSAGES: dict[str, str] = {
    Code.INVALID_SESSION_ID: "Session expired or invalid",
    Code.REQUEST_LIMIT_EXCEEDED: "TotalRequests Limit exceeded.",
    Code.NOT_FOUND: "The requested resource does not exist",
    Code.SERVER_UNAVAILABLE: "The server is unable to handle the request",
    Code.UNABLE_TO_LOCK_ROW: LOCK_MESSAGE,
}


def speaker(org: Org) -> Speak:
    """Return what words a fault for `org`."""

    def speak(request: web.Request, rule: Rule) -> web.StreamResponse:
        code = rule.code or _code(rule.status)
        problem = Problem(code, MESSAGES.get(code, UNEXPECTED))
        in_200 = rule.kind is FaultKind.ERRORS_IN_200
        status = HTTPStatus.OK if in_200 else rule.status
        org.counters.call("fault", status)
        headers = {LIMIT_HEADER: org.limits.header(), "Content-Type": JSON_TYPE, **retry_after(rule)}
        body = orjson.dumps(_body(request, problem, in_200=in_200))
        return web.Response(status=status, body=body, headers=headers)

    return speak


def _body(request: web.Request, problem: Problem, *, in_200: bool) -> Any:
    """In a 200 the results are one, however many rows were sent: an answer that does not fit the question."""
    if request.path.startswith(OAUTH):
        return {"error": problem.code.lower(), "error_description": problem.message}
    if in_200:
        return [{"success": False, "errors": [problem.as_result()]}]
    return [problem.as_error()]


def _code(status: int) -> str:
    return next((code for known, code in BY_STATUS.items() if known == status), Code.UNKNOWN_EXCEPTION)
