import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.vault.access import Grants
from app.vault.grants import Status
from app.vault.tokens import AccessToken, KeptTokens, moment
from streams.domain.errors import Misconfigured
from streams.domain.grant import RefreshAsked
from streams.domain.identity import ConnectionName
from tests.builders.vault import ACME, NOW, a_freshbooks_grant, a_sealer
from tests.fakes.grants_view import GrantsView
from tests.fakes.virtual_time import simulate


class World:
    """One connection's grant, and who was asked to renew it."""

    def __init__(
        self, *, keeper: Callable[["World", RefreshAsked], None] = lambda *_: None, **grant: Any
    ) -> None:
        self.sealer = a_sealer()
        self.view = GrantsView()
        self.asked: list[RefreshAsked] = []
        self.keeper = keeper
        self.tokens = KeptTokens(Grants(self.view, self.sealer), self.ask, lambda: NOW)
        self.put(1, **grant)

    def put(self, generation: int, **grant: Any) -> None:
        given = {"access_token": SecretStr(f"access-{generation}")} | grant
        self.view.put(self.sealer.seal(a_freshbooks_grant(**given), ACME, generation, NOW))

    async def ask(self, request: RefreshAsked) -> None:
        self.asked.append(request)
        self.keeper(self, request)


def renews(world: World, request: RefreshAsked) -> None:
    asyncio.get_running_loop().call_later(0.3, world.put, request.generation + 1)


def test_a_living_token_is_given_without_asking() -> None:
    async def story() -> None:
        world = World()
        assert await world.tokens.freshbooks(ACME) == AccessToken("access-1", 1)
        assert world.asked == []

    simulate(story())


def test_a_token_about_to_end_is_renewed_first() -> None:
    async def story() -> None:
        world = World(keeper=renews, expires_at=NOW + timedelta(seconds=90))
        assert await world.tokens.freshbooks(ACME) == AccessToken("access-2", 2)

    simulate(story())


def test_many_who_were_refused_ask_once() -> None:
    async def story() -> None:
        world = World(keeper=renews)
        found = await asyncio.gather(*(world.tokens.renew(ACME, 1) for _ in range(50)))
        assert set(found) == {AccessToken("access-2", 2)}
        assert len(world.asked) == 1

    simulate(story())


def test_who_comes_late_gets_the_new_token_without_asking() -> None:
    async def story() -> None:
        world = World()
        world.put(2)
        assert await world.tokens.renew(ACME, 1) == AccessToken("access-2", 2)
        assert world.asked == []

    simulate(story())


def test_an_ask_that_gets_lost_is_repeated() -> None:
    async def story() -> None:
        def deaf_twice(world: World, request: RefreshAsked) -> None:
            if len(world.asked) == 3:
                renews(world, request)

        world = World(keeper=deaf_twice)
        assert await world.tokens.renew(ACME, 1) == AccessToken("access-2", 2)
        assert len({each.id for each in world.asked}) == 3

    simulate(story())


def test_who_needs_consent_waits_without_asking_until_it_is_given() -> None:
    async def story() -> None:
        world = World(status=Status.NEEDS_CONSENT)
        asyncio.get_running_loop().call_later(3 * 24 * 3600, world.put, 2)
        assert await world.tokens.freshbooks(ACME) == AccessToken("access-2", 2)
        assert world.asked == []

    simulate(story())


def test_a_connection_without_grant_says_how_to_connect() -> None:
    async def story() -> None:
        world = World()
        world.view.clear()
        with pytest.raises(Misconfigured) as refused:
            await world.tokens.freshbooks(ACME)
        assert "connect freshbooks acme" in refused.value.mend

    simulate(story())


def test_a_token_prints_as_stars() -> None:
    async def story() -> None:
        assert "access-1" not in repr(await World().tokens.freshbooks(ACME))

    simulate(story())


def test_an_ageing_token_is_used_while_a_new_one_is_asked_for_once() -> None:
    async def story() -> None:
        world = World(expires_at=NOW + timedelta(minutes=2, seconds=1))
        for _ in range(3):
            assert await world.tokens.freshbooks(ACME) == AccessToken("access-1", 1)
        await asyncio.sleep(0)
        assert [each.generation for each in world.asked] == [1]

    simulate(story())


def test_connections_ask_at_moments_of_their_own() -> None:
    moments = [moment(ConnectionName(f"c{number}"), 1) for number in range(1000)]

    for tenth in range(10):
        assert 60 <= sum(tenth <= each * 10 < tenth + 1 for each in moments) <= 140


def test_a_token_with_a_short_life_is_not_renewed_at_each_use() -> None:
    async def story() -> None:
        lives = timedelta(seconds=60)
        world = World(expires_at=NOW + timedelta(seconds=50), lives=lives)
        assert await world.tokens.freshbooks(ACME) == AccessToken("access-1", 1)
        assert world.asked == []

    simulate(story())
