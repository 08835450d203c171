"""The accounting API over HTTP."""

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from app.sandbox.freshbooks.bodies import digits
from app.sandbox.freshbooks.door import need_scope
from app.sandbox.freshbooks.nouns import EMPTY_LISTS, NOUN_AT, PLACES, SCOPE_OF, Noun
from app.sandbox.freshbooks.query import query_of
from app.sandbox.freshbooks.refusals import Errno, Refusal, reply, unknown
from app.sandbox.freshbooks.sandbox import FreshBooks

PLACE = r"/accounting/account/{account}/{path:\w+/\w+}"
ITEM = PLACE + "/{id}"


class Accounting:
    """Lists, reads and writes of clients, invoices, payments and estimates."""

    def __init__(self, freshbooks: FreshBooks) -> None:
        self._freshbooks = freshbooks

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(PLACE, self.list, allow_head=True),
            web.post(PLACE, self.create),
            web.get(ITEM, self.get),
            web.put(ITEM, self.change),
            web.delete(ITEM, self.remove),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer a page of a list."""
        path = request.match_info["path"]
        if path in EMPTY_LISTS:
            return self._empty_list(request, EMPTY_LISTS[path])
        noun, query = self._noun(request, "read"), query_of(request.query.items())
        return result(self._freshbooks.listing.page(noun, query))

    async def create(self, request: web.Request) -> web.Response:
        """Make an object; FreshBooks answers 200, not 201."""
        noun = self._noun(request, "write")
        return self._one(
            request, noun, self._freshbooks.books.create(noun, await wrapped_body(request, noun))
        )

    async def get(self, request: web.Request) -> web.Response:
        """Read an object, deleted or not."""
        noun = self._noun(request, "read")
        return self._one(request, noun, self._freshbooks.books.get(noun, _id(request, noun)))

    async def change(self, request: web.Request) -> web.Response:
        """Change an object, in the one phase that counts."""
        noun = self._noun(request, "write")
        body = await wrapped_body(request, noun)
        return self._one(request, noun, self._freshbooks.books.change(noun, _id(request, noun), body))

    async def remove(self, request: web.Request) -> web.Response:
        """Delete softly, as the SDKs do for invoices and estimates."""
        noun = self._noun(request, "write")
        self._freshbooks.books.remove(noun, _id(request, noun))
        return reply({"response": {}})

    def _noun(self, request: web.Request, verb: str) -> Noun:
        noun = NOUN_AT.get(request.match_info["path"])
        if noun is None:
            raise web.HTTPNotFound
        need_scope(request, f"user:{PLACES[noun].plural}:{verb}")
        return noun

    def _one(self, request: web.Request, noun: Noun, row: Any) -> web.Response:
        includes = query_of(request.query.items()).includes
        return result({noun.value: self._freshbooks.shown(row, includes)})

    def _empty_list(self, request: web.Request, plural: str) -> web.Response:
        """Answer a resource that has nothing in it, or that the plan refuses with a 200."""
        if plural in self._freshbooks.switches.refused_in_200:
            name = plural.replace("_", " ")
            raise Refusal(HTTPStatus.OK, Errno.PLAN, f"You do not have access to {name}.")
        need_scope(request, f"user:{SCOPE_OF.get(plural, plural)}:read")
        page = query_of(request.query.items()).page
        return result({plural: [], "page": 1, "pages": 0, "per_page": page.per_page, "total": 0})


def result(content: Any) -> web.Response:
    """Return a success in its envelope."""
    return reply({"response": {"result": content}})


def _id(request: web.Request, noun: Noun) -> int:
    text = request.match_info["id"]
    found = digits(text)
    if found is None:
        raise unknown(noun, PLACES[noun].id_field, text)
    return found


async def wrapped_body(request: web.Request, noun: str) -> dict[str, Any]:
    """Return what the singular name wraps. Raises: Refusal(400) for anything else."""
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get(str(noun)), dict):
        raise Refusal(HTTPStatus.BAD_REQUEST, Errno.PARSE_ERROR, "The body could not be parsed.", str(noun))
    wrapped: dict[str, Any] = body[str(noun)]
    return wrapped
