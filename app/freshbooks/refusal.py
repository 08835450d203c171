"""FreshBooks' answer → our error: the one place that says what a refusal means."""

from datetime import timedelta
from typing import Final

from app.freshbooks.complaint import Complaint, complaint
from app.freshbooks.errnos import CLOSED, PASSING, UNKNOWN, named
from app.freshbooks.refused import API, ConsentNeeded, Missing, NoSuchAddress
from app.freshbooks.wire.document import Document
from streams.domain.errors import (
    FreshforceError,
    Misconfigured,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)

DENIED: Final = "permission-denied"
"""Code of a refusal by role or plan."""
_DEFAULT_QUIET: Final = 10.0
_LONGEST_QUIET: Final = 3600.0
_NO_OBJECTS: Final = frozenset({"", "account", "business", "system"})
"""An unknown resource that is none of ours: to call the object gone would empty Salesforce for a wrong id."""
_FINE: Final = (200, 201, 204)
_REDIRECT: Final = range(300, 400)
_SERVER: Final = range(500, 600)


def refusal(status: int, found: Document | None, retry_after: str = "") -> FreshforceError | None:
    """Return the error that an answer means, or None when it is no error.

    `found` is the JSON object of the body, None where there is none. FreshBooks says no with 200, too:
    so every answer passes here.
    """
    said = None if found is None else complaint(found)
    if said is None and status in _FINE:
        return None
    return _meaning(status, said or Complaint(), retry_after)


def _meaning(status: int, said: Complaint, retry_after: str) -> FreshforceError:  # noqa: C901, PLR0911, PLR0912 - one table
    match status, said:
        case 429, _:
            return RateLimited(API, timedelta(seconds=_seconds(retry_after)))
        case 408 | 409 | 425, _:
            return Unreachable(API, f"status {status}")
        case int(), _ if status in _SERVER:
            return Unreachable(API, f"status {status}")
        case _, Complaint(error="invalid_grant"):
            return ConsentNeeded("FreshBooks refuses the refresh token (invalid_grant)")
        case _, Complaint(error="invalid_client" | "unauthorized_client" | "redirect_uri_mismatch"):
            return _bad_client(said.error)
        case (401, _) | (_, Complaint(errno=401)):
            return Unauthorized(API)
        case int(), _ if status in _REDIRECT:
            return Misconfigured("FreshBooks redirects us; we refuse", "check the API URL", "redirected")
        case 403, _:
            return _forbidden(said)
        case _, Complaint(errno=int(errno)) if errno in CLOSED:
            return _forbidden(said)
        case _, Complaint(errno=int(errno)) if errno in UNKNOWN and said.about not in _NO_OBJECTS:
            return Missing(f"FreshBooks knows no such {said.about} ({named(errno)})")
        case _, Complaint(errno=int(errno)) if errno in PASSING:
            return Unreachable(API, named(errno))
        case 404, _:
            return _no_path(said)
        case _:
            return _refused(status, said)


def _seconds(retry_after: str) -> float:
    asked = retry_after.strip()
    wait = float(asked) if asked.isascii() and asked.isdecimal() else _DEFAULT_QUIET
    return min(max(wait, 1.0), _LONGEST_QUIET)


def _bad_client(error: str) -> Misconfigured:
    return Misconfigured(
        f"FreshBooks refuses our app's credentials ({error})",
        "check client id, client secret and redirect URI of the FreshBooks app",
        "bad-client",
    )


def _forbidden(said: Complaint) -> Misconfigured:
    if said.scopes:
        return Misconfigured(
            f"a scope is missing; FreshBooks names {', '.join(said.scopes)}",
            "add the scopes to the FreshBooks app, then run `freshforce connect freshbooks` again",
            "missing-scope",
        )
    why = "" if said.errno is None else f" ({named(said.errno)})"
    return Misconfigured(
        f"FreshBooks does not allow it{why}",
        "check the user's role and the plan of the FreshBooks account",
        DENIED,
    )


def _no_path(said: Complaint) -> NoSuchAddress:
    why = "" if said.errno is None else f" ({named(said.errno)})"
    return NoSuchAddress(f"FreshBooks has nothing at this address{why}")


def _refused(status: int, said: Complaint) -> Refused:
    which = said.error if said.errno is None else named(said.errno)
    fields = f"; fields: {', '.join(said.fields[:10])}" if said.fields else ""
    return Refused(f"FreshBooks refuses it: status {status} {which}".rstrip() + fields)
