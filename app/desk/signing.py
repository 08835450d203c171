"""Who acts at a page: the name that a person gives, kept by the browser.

Nobody proves it: whoever reaches a page may act.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

from aiohttp import web

from app.deadletters.said import By
from app.desk.desk import desk_of

NAME: Final = "freshforce-name"
NOBODY: Final = "somebody at the page"
LONGEST: Final = 60
"""Characters of a name."""
_YEAR: Final = 365 * 24 * 3600


def signed(request: web.Request, form: Mapping[str, Any]) -> str:
    """Return who acts by a form, as the audit has it; a form that does not ask has the name from before."""
    name = _clean(str(form.get("by", name_of(request))))
    return f"{name} (at the page)" if name else NOBODY


def by_whom(request: web.Request, form: Mapping[str, Any], reason: str = "") -> By:
    """Return who acts upon dead letters by a form, and why."""
    registry = desk_of(request).registry
    return By(registry.clock(), signed(request, form), reason, registry.speaker)


def name_of(request: web.Request) -> str:
    """Return the name that was given on this browser before."""
    return _clean(unquote(request.cookies.get(NAME, "")))


def remembered(answer: web.Response, form: Mapping[str, Any]) -> web.Response:
    """Return the answer, with which the browser keeps the name that the form gives."""
    if name := _clean(str(form.get("by", ""))):
        answer.set_cookie(NAME, quote(name), max_age=_YEAR, httponly=True, samesite="Strict", path="/")
    return answer


def _clean(name: str) -> str:
    return "".join(each for each in name if each.isprintable()).strip()[:LONGEST]
