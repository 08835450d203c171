"""A name that was removed and taken anew: in each life its grants stand above those of the lives before."""

import os

import pytest

from app.registry import Registry, RemovedMeanwhile
from app.vault.access import Grants
from streams.domain.connection import Connection
from streams.domain.grant import Side
from streams.domain.message import Value
from tests.builders.vault import ACME, NOW, a_freshbooks_grant, a_sealer
from tests.fakes.grants_view import GrantsView

OLD, NEW = Connection(name=ACME), Connection(name=ACME, life=2)
GRANT = a_freshbooks_grant()


def an_installation() -> Registry:
    view = GrantsView()

    async def untold(*_: Value) -> None:
        """Take nothing."""

    grants = Grants(view, a_sealer(), view.write)
    return Registry({ACME: NEW}, grants, untold, lambda: NOW, os.urandom, untold)


async def put(registry: Registry, connection: Connection) -> int:
    return await registry.replace(connection, GRANT, Side.FRESHBOOKS, "connected")


async def test_a_former_life_s_grant_is_not_written_over_that_of_the_present_one() -> None:
    registry = an_installation()
    await put(registry, NEW)
    before = registry.grants.sealed(ACME, Side.FRESHBOOKS)

    with pytest.raises(RemovedMeanwhile):
        await put(registry, OLD)

    assert registry.grants.sealed(ACME, Side.FRESHBOOKS) == before


async def test_over_what_is_left_of_a_former_life_the_generations_of_the_present_one_begin() -> None:
    registry = an_installation()
    await put(registry, OLD)

    first = await put(registry, NEW)

    assert (first, await put(registry, NEW)) == (NEW.first_generation, NEW.first_generation + 1)


def test_the_lives_of_a_name_share_no_generation() -> None:
    assert OLD.last_generation < NEW.first_generation
    assert OLD.first_generation < OLD.last_generation
