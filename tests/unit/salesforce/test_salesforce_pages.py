"""Rows of a query, page after page: exact, and never from elsewhere."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from app.salesforce.api.client import Client
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.wire.wire import Reply, Request
from streams.domain.errors import Misconfigured, Unreachable
from streams.domain.identity import ConnectionName
from tests.builders.salesforce import ACME, a_connection, a_reply, an_error

HOST = "https://acme.my.salesforce.com"


class OneKey:
    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return "id", "secret"


class Paged:
    """Answers one reply after the other, and keeps where it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Reply:
        if request.url.endswith("/token"):
            return a_reply(200, {"access_token": "t", "instance_url": HOST})
        self.asked.append(request.url.removeprefix(HOST))
        return self._replies.pop(0)


def client_of(wire: Paged) -> Client:
    return Lanes({ACME: a_connection()}, OneKey(), wire, chance=Random(1)).client(ACME)


def a_page(rows: str, next_: str = "") -> Reply:
    more = f',"nextRecordsUrl":"{next_}"' if next_ else ""
    return a_reply(200, page=f'{{"records":[{rows}],"done":true{more}}}')


async def rows_of(wire: Paged, *, tooling: bool = False) -> list[Any]:
    return [row async for row in client_of(wire).query("SELECT Id FROM Account", tooling=tooling)]


async def test_a_number_keeps_all_its_digits() -> None:
    rows = await rows_of(Paged(a_page('{"Amount":1234567890123456.78},{"Amount":5}')))

    assert [row["Amount"] for row in rows] == [Decimal("1234567890123456.78"), 5]


async def test_pages_follow_each_other() -> None:
    wire = Paged(a_page('{"Id":"1"}', "/services/data/v66.0/query/01g-2000"), a_page('{"Id":"2"}'))

    assert [row["Id"] for row in await rows_of(wire)] == ["1", "2"]
    assert wire.asked == [
        "/services/data/v66.0/query?q=SELECT%20Id%20FROM%20Account",
        "/services/data/v66.0/query/01g-2000",
    ]


async def test_the_tooling_api_is_asked_at_its_own_place() -> None:
    wire = Paged(a_page(""))

    assert await rows_of(wire, tooling=True) == []
    assert wire.asked[0].startswith("/services/data/v66.0/tooling/query?q=")


@pytest.mark.parametrize(
    "reply", [a_page("", "https://evil.example/x"), a_reply(200, {"rows": []}), a_reply(200, page="<html>")]
)
async def test_what_is_no_page_of_the_api_is_no_answer(reply: Reply) -> None:
    with pytest.raises(Unreachable):
        await rows_of(Paged(reply))


async def test_a_refused_query_says_why() -> None:
    with pytest.raises(Misconfigured) as caught:
        await rows_of(Paged(a_reply(400, an_error("INVALID_TYPE", "sObject type 'X' is not supported."))))

    assert caught.value.code == "INVALID_TYPE"
