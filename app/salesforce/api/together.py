"""Several queries in one call, by `/composite` (facts: Salesforce, section 3)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from app.salesforce.answers.refusals import of_reply
from app.salesforce.api.client import Client, page_of
from app.salesforce.wire.wire import API, Reply
from streams.domain.errors import Unreachable

MOST: Final = 5
"""Queries that one call may hold."""

Rows = list[Mapping[str, Any]]


async def together(client: Client, queries: Sequence[str]) -> Rows:
    """Return the rows of at most five queries, in one call as long as each has one page.

    Raises:
        Refused, Misconfigured: a query is not for us.
        Unreachable, RateLimited: try again later.
    """
    if len(queries) == 1:
        return [row async for row in client.query(queries[0])]
    parts = [
        {"method": "GET", "url": client.query_path(each), "referenceId": f"part{number}"}
        for number, each in enumerate(queries)
    ]
    reply = await client.ask("query", "POST", "/composite", {"allOrNone": False, "compositeRequest": parts})
    if not reply.ok:
        raise of_reply(reply).at(client.connection).error()
    found: Rows = []
    for query, answer in zip(queries, _answers(client, reply, len(queries)), strict=True):
        rows, more = page_of(answer)
        found += rows if more is None else [row async for row in client.query(query)]
    return found


def _answers(client: Client, reply: Reply, count: int) -> list[Any]:
    match reply.json(exact=True):
        case {"compositeResponse": list(parts)} if len(parts) == count:
            return [_answer(client, part) for part in parts]
        case _:
            raise Unreachable(API, "not one answer per query")


def _answer(client: Client, part: Any) -> Any:
    match part:
        case {"httpStatusCode": int(status), "body": body} if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
            return body
        case {"httpStatusCode": int(status), "body": body}:
            refused = of_reply(Reply(status, {}, orjson.dumps(body, default=str)))
            raise refused.at(client.connection).error()
        case _:
            raise Unreachable(API, "an answer of no known shape")
