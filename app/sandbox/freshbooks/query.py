"""The query of a list: filters, includes, sort and page, as FreshBooks' parameters page has them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from app.sandbox.freshbooks.bodies import digits
from app.sandbox.freshbooks.refusals import Errno, Refusal

MOST_PER_PAGE = 100
DEFAULT_PER_PAGE = 15
_SEARCH = re.compile(r"^search\[(\w+)\](\[\])?$")


class Page(NamedTuple):
    """Which part of a list is wanted."""

    page: int = 1
    per_page: int = DEFAULT_PER_PAGE


@dataclass(frozen=True, slots=True)
class Query:
    """What a list or a GET was asked for."""

    search: tuple[tuple[str, tuple[str, ...]], ...] = ()
    includes: frozenset[str] = frozenset()
    sort: str = ""
    page: Page = Page(1, DEFAULT_PER_PAGE)  # noqa: RUF009 - an immutable tuple


def query_of(pairs: Iterable[tuple[str, str]]) -> Query:
    """Return the query of a URL's decoded parameters. Raises: Refusal(1013, 1014) for a bad page."""
    search: dict[str, list[str]] = {}
    single: dict[str, str] = {}
    includes = set()
    for key, value in pairs:
        if found := _SEARCH.match(key):
            search.setdefault(found[1], []).append(value)
        elif key in {"include[]", "include"}:
            includes.add(value)
        else:
            single[key] = value
    page = Page(
        max(1, _count(single.get("page", "1"), Errno.INVALID_PAGE, "page")),
        min(MOST_PER_PAGE, _count(single.get("per_page", str(DEFAULT_PER_PAGE)), Errno.INVALID_PER_PAGE)),
    )
    filters = tuple(sorted((field, tuple(values)) for field, values in search.items()))
    return Query(filters, frozenset(includes), single.get("sort", ""), page)


def _count(text: str, errno: Errno, field: str = "per_page") -> int:
    """Return a positive integer; page 0 is taken for page 1."""
    found = digits(text)
    if found is None or (field == "per_page" and not found):
        message = f"{field} must be a positive integer."
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, errno, message, "", field, text)
    return found
