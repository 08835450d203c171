"""Looking at an org whose answers are scripted: what the sandbox has no switch for."""

from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.setup.look import RIGHTS, look
from app.salesforce.setup.plan import plan
from app.salesforce.wire.wire import Reply, Request
from streams.domain.errors import Refused
from streams.domain.identity import ConnectionName
from tests.builders.salesforce import ACME, a_connection, a_reply, an_error, described

HOST = "https://acme.my.salesforce.com"
USER = "005000000000001AAA"


class OneKey:
    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return "id", "secret"


class Edition:
    """An org whose edition lacks some user permissions, and whose log-in may not tell the user."""

    def __init__(self, *, lacks: tuple[str, ...] = (), tells_user: bool = True) -> None:
        self._lacks = lacks
        self._tells_user = tells_user
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Reply:
        url = urlsplit(request.url)
        if url.path == "/services/oauth2/token":
            who = (
                {"id": f"https://login.salesforce.com/id/00D000000000001AAA/{USER}"}
                if self._tells_user
                else {}
            )
            return a_reply(200, {"access_token": "t", "instance_url": HOST} | who)
        if url.path == "/services/oauth2/userinfo":
            return a_reply(200, {"user_id": USER})
        if url.path.endswith("/describe"):
            return a_reply(200, described(url.path.split("/")[-2]))
        return self._query(parse_qs(url.query)["q"][0])

    def _query(self, query: str) -> Reply:
        self.asked.append(query)
        rows: list[dict[str, Any]] = []
        if "UserPermissionAccess" in query:
            if any(f"Permissions{right}" in query for right in self._lacks):
                return a_reply(400, an_error("INVALID_FIELD", "No such column"))
            rows = [{f"Permissions{right}": True for right in RIGHTS if f"Permissions{right}" in query}]
        elif "FROM User " in query:
            rows = [{"Username": "ann@acme.example"}]
        return a_reply(200, {"records": rows, "done": True, "totalSize": len(rows)})


def client_of(org: Any) -> Any:
    return Lanes({ACME: a_connection()}, OneKey(), org, chance=Random(1)).client(ACME)


async def test_rights_are_asked_together() -> None:
    org = Edition()

    found = await look(client_of(org))

    assert found.rights == dict.fromkeys(RIGHTS, True)
    assert sum("UserPermissionAccess" in query for query in org.asked) == 1
    assert (found.user, found.username) == (USER, "ann@acme.example")


async def test_a_right_that_the_edition_does_not_know_hides_no_other() -> None:
    found = await look(client_of(Edition(lacks=("AssignPermissionSets",))))

    assert found.rights == dict.fromkeys(set(RIGHTS) - {"AssignPermissionSets"}, True)
    assert not [item for item in plan(found, ACME) if item.state == "not allowed"]


async def test_a_log_in_that_does_not_tell_the_user_is_followed_by_userinfo() -> None:
    found = await look(client_of(Edition(tells_user=False)))

    assert found.user == USER


async def test_a_refusal_that_is_not_about_sight_is_not_taken_for_an_absence() -> None:
    class Broken(Edition):
        def _query(self, query: str) -> Reply:
            return a_reply(400, an_error("MALFORMED_QUERY", f"unexpected token in {query}"))

    with pytest.raises(Refused):
        await look(client_of(Broken()))
