"""The FreshBooks client on a real account: reads only. Needs FRESHFORCE_LIVE_FRESHBOOKS_{TOKEN,ACCOUNT}."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from app.freshbooks.client import FreshBooks, listed, me
from app.freshbooks.door import Door, open_session
from streams.domain.identity import AccountId, ObjectKind

pytestmark = pytest.mark.live

URL = "https://api.freshbooks.com"


def given(name: str, default: str = "") -> str:
    value = os.environ.get(f"FRESHFORCE_LIVE_FRESHBOOKS_{name}", default)
    if not value:
        pytest.skip(f"FRESHFORCE_LIVE_FRESHBOOKS_{name} is not set")
    return value


@pytest.fixture
async def account() -> AsyncIterator[FreshBooks]:
    token, number = given("TOKEN"), AccountId(given("ACCOUNT"))
    async with open_session() as session:
        yield FreshBooks(Door(session, given("URL", URL)), number, token, lambda: datetime.now(UTC))  # noqa: TID251


async def test_the_token_knows_who_it_is(account: FreshBooks) -> None:
    assert (await me(account.door, account.token))["identity_id"]


@pytest.mark.parametrize("kind", list(ObjectKind))
async def test_what_a_list_shows_can_be_read_whole(account: FreshBooks, kind: ObjectKind) -> None:
    page = await account.page(kind, 1)
    if not page.items:
        pytest.skip(f"the account has no {kind.value}")
    found = listed(kind, page.items[0])

    reading = await account.read(kind, found.object_id)

    assert reading.snapshot.kind == kind.value
