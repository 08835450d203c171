"""Callbacks that are registered or mended while somebody removes them, against the FreshBooks sandbox."""

import pytest

from app.connect.callbacks import Standing
from app.freshbooks.callbacks import Callbacks, Registered
from streams.domain.grant import Sealed
from tests.builders.installation import Installation, connected


async def register(acme: Installation, patience: float = 8.0) -> tuple[Standing, ...]:
    return await acme.webhooks.register(acme.url, patience)


def here(acme: Installation) -> list[str]:
    return [each.uri for each in acme.webhooks.ours().grant.callbacks]


def at_freshbooks(acme: Installation) -> list[str]:
    return [each.uri for each in acme.sandbox.freshbooks.callbacks.all()]


async def test_whoever_registers_while_the_callbacks_are_removed_leaves_none_at_freshbooks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected() as acme:
        registers = Callbacks.register

        async def late(self: Callbacks, event: str, uri: str) -> Registered:
            """Register what is written down here once somebody else has removed it."""
            if here(acme):
                await acme.webhooks.remove()
            return await registers(self, event, uri)

        monkeypatch.setattr(Callbacks, "register", late)

        assert await register(acme, patience=0.5) == ()

        assert (here(acme), at_freshbooks(acme)) == ([], [])


async def test_what_is_registered_once_a_remover_has_looked_does_not_stay_at_freshbooks() -> None:
    async with connected() as acme:
        await register(acme)
        grants, known = acme.registry.grants, acme.sandbox.freshbooks.callbacks
        write = grants.write
        before = known.all()

        async def late(sealed: Sealed) -> None:
            """Register at FreshBooks what the remover has deleted, just before he forgets it."""
            for each in before:
                known.register({"event": each.event, "uri": each.uri})
            await write(sealed)

        grants.write = late

        await acme.webhooks.remove()

        assert (here(acme), at_freshbooks(acme)) == ([], [])
