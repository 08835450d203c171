"""Who changes one thing of a connection leaves what somebody else has just changed elsewhere."""

import os
from collections.abc import Awaitable, Callable

import pytest

from app.connect.changing import change
from app.connect.pausing import pause
from app.mapping.setting import set_mapping
from app.registry import Registry
from app.vault.access import Grants
from streams.domain.connection import Connection
from streams.domain.message import Value
from streams.mapping.reading import default_text
from tests.builders.vault import ACME, NOW, a_sealer
from tests.fakes.grants_view import GrantsView

ELSEWHERE = Connection(name=ACME, poll_every_seconds=77)


def a_registry() -> Registry:
    """One that has yet to read what another process wrote."""
    known: dict[str, Connection] = {ACME: Connection(name=ACME)}

    async def write(*values: Value) -> None:
        known.update({it.name: it for it in values if isinstance(it, Connection)})

    async def read_on() -> None:
        known[ACME] = ELSEWHERE

    grants = Grants(GrantsView(), a_sealer())
    return Registry(known, grants, write, lambda: NOW, os.urandom, write, read_on=read_on)


@pytest.mark.parametrize(
    "act",
    [
        lambda registry: pause(registry, ACME, paused=True),
        lambda registry: change(registry, ACME, {"drafts": "true"}),
        lambda registry: set_mapping(registry, ACME, f"{default_text()}\n"),
    ],
    ids=["a pause", "a setting", "a mapping"],
)
async def test_what_another_process_changed_a_moment_ago_stays(
    act: Callable[[Registry], Awaitable[object]],
) -> None:
    registry = a_registry()

    await act(registry)

    assert registry[ACME].poll_every_seconds == 77
    assert registry[ACME] != ELSEWHERE
