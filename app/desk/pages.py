"""From facts to an answer: a page or a part of one, a way on, or what went wrong with its mend."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.desk.desk import desk_of
from app.desk.files import addresses
from app.desk.guard import TOKEN
from app.desk.signing import name_of
from app.registry import NoConnection
from streams.domain.errors import FreshforceError, Transient

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SAID: Final = {
    HTTPStatus.NOT_FOUND: "There is no such page.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page takes no such request.",
}


def templates() -> Environment:
    """Return our templates: everything is escaped, and a name that is not given is an error."""
    loader = PackageLoader("app.desk")
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals["files"] = addresses()
    return made


def page(request: web.Request, template: str, status: int = 200, **facts: Any) -> web.Response:
    """Return a page; where htmx asks for a part, the template leaves the frame away."""
    made = desk_of(request).templates.get_template(template)
    text = made.render(facts | _always(request))
    return web.Response(text=text, status=status, content_type="text/html")


def _always(request: web.Request) -> dict[str, Any]:
    """Return what every template may name."""
    return {
        "csrf": request.get(TOKEN, ""),
        "frame": "part.html" if request.headers.get("HX-Request") else "frame.html",
        "path": request.path,
        "me": name_of(request),
    }


def see(address: str) -> web.Response:
    """Return the answer that leads on after a form: loading that page again repeats nothing."""
    return web.Response(status=303, headers={"Location": address})


@web.middleware
async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what went wrong with a page that says what and how to mend it."""
    try:
        return await handler(request)
    except FreshforceError as error:
        return problem(request, error)
    except web.HTTPError as error:
        said = _SAID.get(HTTPStatus(error.status)) or error.text or error.reason
        return page(request, "problem.html", error.status, code="", says=said, mend="")


def problem(request: web.Request, error: FreshforceError) -> web.Response:
    """Return the page of an error of ours."""
    status = 404 if isinstance(error, NoConnection) else 503 if isinstance(error, Transient) else 409
    return page(request, "problem.html", status, code=error.code, says=str(error), mend=error.mend)
