"""How FreshBooks says no: each family of paths has its own shape, and accounting has two."""

from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from app.sandbox.faults import FaultKind, Rule, phrase_of, retry_after
from app.sandbox.freshbooks.switches import ErrorShape, Switches

Json = Any
RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 422: 3, 429: 8, 500: 13, 503: 14}
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class Errno(IntEnum):
    """The numbers of FreshBooks' errors page that the sandbox uses."""

    CONFLICT = 409
    UNEXPECTED = 500
    REQUIRED_FIELD = 1001
    ACCESS_DENIED = 1003
    INVALID_VALUE = 1004
    PARSE_ERROR = 1005
    MAPPING = 1006
    UNKNOWN_RESOURCE = 1012
    INVALID_PER_PAGE = 1013
    INVALID_PAGE = 1014
    MAPPING_NUMBER = 1015
    MAPPING_DATE = 1033
    FILTER_DATE = 1023
    FILTER_NUMBER = 1024
    CLIENT_NEEDS_A_NAME = 7012
    PLAN = 12001


@dataclass(eq=False)
class Refusal(Exception):
    """FreshBooks' no, before it is put into words."""

    status: int
    errno: int
    message: str
    object: str = ""
    field: str = ""
    value: str = ""
    details: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def unknown(noun: str, field: str, value: object) -> Refusal:
    """Return the refusal for an object that is not there, or for the wrong kind of id."""
    message = f"{noun.replace('_', ' ').capitalize()} not found."
    return Refusal(HTTPStatus.NOT_FOUND, Errno.UNKNOWN_RESOURCE, message, noun, field, str(value))


def invalid(errno: Errno, noun: str, field: str, value: object, message: str) -> Refusal:
    """Return the refusal of a value: status 422."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, errno, message, noun, field, str(value))


def worded(path: str, refusal: Refusal, switches: Switches) -> web.Response:
    """Return `refusal` in the words of the family that `path` belongs to."""
    rpc = switches.error_shape is ErrorShape.RPC
    if path.startswith(("/auth/", "/oauth/", "/service/auth/")):
        body = _auth(refusal)
    elif path.startswith("/events/"):
        body = _events_rpc(refusal) if rpc else _events(refusal)
    elif path.startswith("/accounting/"):
        body = _accounting_rpc(refusal) if rpc else _accounting(refusal, single=switches.single_error_object)
    elif path.startswith("/payments/"):
        missing = refusal.status == HTTPStatus.NOT_FOUND
        body = {"error_type": "not_found" if missing else "error", "message": refusal.message}
    else:
        body = {"error": refusal.message}
    return reply(body, status=refusal.status, headers=dict(refusal.headers))


def speak(path: str, rule: Rule, switches: Switches) -> web.Response:
    """Return an injected fault as FreshBooks would word it."""
    if rule.kind is FaultKind.ERRORS_IN_200:
        refusal = Refusal(HTTPStatus.OK, Errno.PLAN, "You do not have access to this resource.")
        return reply(_accounting(refusal, single=switches.single_error_object))
    message = _MESSAGES.get(rule.status, phrase_of(rule.status))
    refusal = Refusal(rule.status, _errno(rule), message, headers=tuple(retry_after(rule).items()))
    return worded(path, refusal, switches)


def reply(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return `body` as JSON."""
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


_MESSAGES = {
    401: "The server could not verify that you are authorized to access the URL requested.",
    403: "Permission Denied",
    404: "Requested resource could not be found.",
    409: "The resource is being modified by another request.",
    429: "Too many requests.",
    500: "An unexpected error occurred.",
}
_ERRNOS = {
    401: Errno.ACCESS_DENIED,
    403: Errno.ACCESS_DENIED,
    404: Errno.UNKNOWN_RESOURCE,
    409: Errno.CONFLICT,
    422: Errno.INVALID_VALUE,
}


def _errno(rule: Rule) -> int:
    return int(rule.code) if rule.code.isdigit() else _ERRNOS.get(rule.status, Errno.UNEXPECTED)


def _auth(refusal: Refusal) -> Json:
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return {
            "error": "unauthenticated",
            "error_description": "This action requires authentication to continue.",
        }
    return {"error": refusal.object or "server_error", "error_description": refusal.message}


def _accounting(refusal: Refusal, *, single: bool) -> Json:
    error = {
        "errno": refusal.errno,
        "field": refusal.field,
        "message": refusal.message,
        "object": refusal.object,
        "value": refusal.value,
    }
    return {"response": {"errors": error if single else [error]}}


def _accounting_rpc(refusal: Refusal) -> Json:
    metadata = {
        "object": refusal.object,
        "message": refusal.message,
        "value": refusal.value,
        "field": refusal.field,
    }
    info = {
        "@type": ERROR_INFO,
        "reason": str(refusal.errno),
        "domain": "accounting.api.freshbooks.com",
        "metadata": metadata,
    }
    return {
        "code": RPC_CODES.get(refusal.status, 2),
        "message": f"Request failed with status_code: {refusal.status}",
        "details": [info],
    }


def _events(refusal: Refusal) -> Json:
    errno = HTTPStatus.UNPROCESSABLE_ENTITY if refusal.details else refusal.status
    message = refusal.message
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        message = "invalid_token: The request token failed to authenticate or validate."
    body: dict[str, Json] = {"errno": int(errno), "message": message}
    return {**body, "details": list(refusal.details)} if refusal.details else body


def _events_rpc(refusal: Refusal) -> Json:
    violations = [
        {"field": field, "description": text.removeprefix("Value error, ")}
        for field, _, text in (detail.partition(": ") for detail in refusal.details)
    ]
    details = [{"@type": BAD_REQUEST, "fieldViolations": violations}] if violations else []
    return {"code": RPC_CODES.get(refusal.status, 2), "message": refusal.message, "details": details}
