"""A page of the wizard: the connection, how far it is, and the step one looks at."""

from typing import Any

from aiohttp import web

from app.connect.overview import overview
from app.desk.desk import desk_of
from app.desk.pages import page
from app.desk.wizard.steps import Step, steps
from app.desk.works import Work
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError


def step_page(
    request: web.Request,
    connection: Connection,
    slug: str,
    status: int = 200,
    error: FreshforceError | None = None,
    **facts: Any,
) -> web.Response:
    """Return the page of the step `slug`; `error` is what went wrong on it just now."""
    shown = {"connection": connection, "steps": steps_of(request, connection), "slug": slug, "error": error}
    return page(request, f"wizard/{slug}.html", status, **shown, **facts)


def steps_of(request: web.Request, connection: Connection) -> tuple[Step, ...]:
    """Return how far the connection is."""
    desk = desk_of(request)
    seen = overview(desk.registry, connection)
    looks = {what: _well(desk.works.get((connection.name, what))) for what in ("fields", "check")}
    return steps(seen, looks)


def _well(work: Work[Any] | None) -> bool | None:
    """Tell what a look found: None when nobody looked, or it came to nothing."""
    if work is None or work.under_way or work.result is None:
        return None
    return all(each.well for each in work.result)
