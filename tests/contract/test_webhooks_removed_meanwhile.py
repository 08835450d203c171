"""Callbacks that are registered or mended while somebody removes them, against the FreshBooks sandbox."""

from dataclasses import replace

import pytest

from app.connect.callbacks import Standing
from app.connect.removing import Removal
from app.connect.webhooks import Removed, Webhooks
from app.freshbooks.callbacks import Callbacks, Registered
from app.poll.upkeep import Upkeep
from app.registry import RemovedMeanwhile
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.connection import Connection
from streams.domain.grant import Sealed
from streams.domain.message import Value
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME


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


async def registered_late_unseen(acme: Installation) -> Removed:
    """Remove the callbacks while somebody registers them again; FreshBooks tells nothing of it then."""
    grants, known = acme.registry.grants, acme.sandbox.freshbooks.callbacks
    write, before = grants.write, known.all()
    away = Rule(kind=FaultKind.ANSWER, status=403, path="/events/*")

    async def late(sealed: Sealed) -> None:
        grants.write = write
        for each in before:
            known.register({"event": each.event, "uri": each.uri})
        await write(sealed)
        await acme.sandbox.control.faults(Faults(rules=(away,)))

    grants.write = late
    removed = await acme.webhooks.remove()
    await acme.sandbox.control.faults(Faults())
    return removed


async def test_callbacks_are_removed_though_nobody_knows_whether_they_were_registered_again_meanwhile() -> (
    None
):
    async with connected() as acme:
        await register(acme)

        removed = await registered_late_unseen(acme)

        assert len(removed.callbacks) == 3
        assert "403" in str(removed.unseen)
        assert here(acme) == []


async def test_whoever_removes_once_more_finds_what_was_registered_again_meanwhile() -> None:
    async with connected() as acme:
        await register(acme)
        await registered_late_unseen(acme)
        assert len(at_freshbooks(acme)) == 3

        assert len(await acme.webhooks.going()) == 3
        removed = await acme.webhooks.remove()

        assert (len(removed.callbacks), removed.unseen) == (3, None)
        assert at_freshbooks(acme) == []
        assert (await acme.webhooks.remove()).callbacks == ()


async def test_whoever_registers_anew_ends_what_was_registered_while_it_was_removed() -> None:
    async with connected() as acme:
        await register(acme)
        await registered_late_unseen(acme)

        await register(acme)

        assert sorted(at_freshbooks(acme)) == sorted(here(acme))


async def test_a_connection_s_callbacks_are_deleted_though_nobody_knows_whether_they_came_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected() as acme:
        await register(acme)

        async def late(_: Webhooks) -> Removed:
            monkeypatch.undo()
            return await registered_late_unseen(acme)

        monkeypatch.setattr(Webhooks, "remove", late)
        removal = Removal(acme.registry, acme.session, acme.connection, allow_http=True)

        found = await anext(removal.carry_out())

        assert found.well
        assert found.says.startswith(
            "3 callbacks deleted; whether somebody registered them again in that moment"
        )
        assert "by hand: see that none is left in the FreshBooks account" in found.says


async def in_a_new_life(acme: Installation) -> None:
    """Remove the connection and take its name anew, callbacks and all."""
    async for _ in Removal(acme.registry, acme.session, acme.connection, allow_http=True).carry_out():
        pass
    acme.connections[ACME] = acme.registry.taken(ACME)
    await acme.connect()
    await register(acme)


async def test_whoever_removes_callbacks_of_a_former_life_leaves_those_of_the_new_one() -> None:
    async with connected() as acme:
        late = acme.webhooks
        await in_a_new_life(acme)

        with pytest.raises(RemovedMeanwhile):
            await late.remove()

        assert len(here(acme)) == len(at_freshbooks(acme)) == 3


async def test_whoever_registers_callbacks_for_a_former_life_writes_over_none_of_the_new_one() -> None:
    async with connected() as acme:
        late = acme.webhooks
        await in_a_new_life(acme)
        before = here(acme)

        with pytest.raises(RemovedMeanwhile):
            await late.register(acme.url.replace("127.0.0.1", "localhost"), 0.5)

        assert here(acme) == before
        assert sorted(at_freshbooks(acme)) == sorted(before)


async def test_a_removal_that_meets_the_callbacks_of_a_new_life_of_the_name_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected() as acme:
        removal = Removal(acme.registry, acme.session, acme.connection, allow_http=True)
        removes = Webhooks.remove

        async def late(self: Webhooks) -> Removed:
            monkeypatch.undo()
            await in_a_new_life(acme)
            return await removes(self)

        monkeypatch.setattr(Webhooks, "remove", late)

        with pytest.raises(RemovedMeanwhile):
            await anext(removal.carry_out())

        assert len(here(acme)) == len(at_freshbooks(acme)) == 3


async def test_callbacks_that_the_poller_finds_missing_while_they_are_removed_do_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected() as acme:
        await register(acme)
        known = acme.sandbox.freshbooks.callbacks
        for each in known.all():
            known.remove(each.id)
        ill = dict[str, int]()
        upkeep = Upkeep(ACME, acme.registry, acme.session, ill.__setitem__, allow_http=True, patience=0.5)
        looks = Webhooks.standings

        async def late(self: Webhooks) -> tuple[Standing, ...]:
            """Look; then somebody ends what he has begun, and nothing is here any more."""
            found = await looks(self)
            await acme.webhooks.remove()
            return found

        monkeypatch.setattr(Webhooks, "standings", late)
        said = len(acme.audit)

        assert await upkeep.run_pass() == 0

        assert (here(acme), at_freshbooks(acme), ill) == ([], [], {ACME: 0})
        assert [it.rule for it in acme.audit[said:]] == ["the callbacks were removed"]


async def test_callbacks_that_are_registered_while_the_connection_is_removed_do_not_outlive_it() -> None:
    async with connected() as acme:
        await register(acme)

        async def late(*values: Value) -> None:
            """Register callbacks once the removal has deleted them, before it marks the connection."""
            match values:
                case (Connection(removed=True),) if not here(acme):
                    await register(acme)
            await acme.write(*values)

        registry = replace(acme.registry, write=late)

        found = [
            it async for it in Removal(registry, acme.session, acme.connection, allow_http=True).carry_out()
        ]

        assert all(it.well for it in found)
        assert (acme.connection.removed, here(acme), at_freshbooks(acme)) == (True, [], [])


async def test_callbacks_that_are_written_down_for_a_removed_connection_never_reach_freshbooks() -> None:
    async with connected() as acme:
        late = acme.webhooks
        acme.connections[ACME] = acme.connection.model_copy(update={"removed": True})

        with pytest.raises(RemovedMeanwhile):
            await late.register(acme.url, 0.5)

        assert (here(acme), at_freshbooks(acme)) == ([], [])
