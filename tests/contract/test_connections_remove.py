"""A connection is removed, and its name taken anew, against the FreshBooks sandbox."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest
from pydantic import SecretStr

from app.connect.removing import Removal
from app.registry import NoConnection, RemovedMeanwhile
from app.salesforce.checkup import Finding
from app.sandbox.faults import FaultKind, Faults, Rule
from app.vault.grants import FreshBooksGrant, SalesforceGrant
from streams.domain.errors import Removed
from streams.domain.grant import RefreshAsked, Sealed, Side, VerifierOffered
from streams.domain.identity import ObjectKind
from streams.domain.message import Value
from streams.ports_grants import Issuer, Kept, Renewal
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME

AWAY = Faults(rules=(Rule(kind=FaultKind.ANSWER, status=503),))


@dataclass
class HeldUp:
    """An issuer whose answer is on its way, while FreshBooks has given new tokens already."""

    issuer: Issuer
    traded: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    def spends(self, current: Sealed) -> str | Kept:
        return self.issuer.spends(current)

    async def refresh(self, current: Sealed) -> Renewal:
        renewal = await self.issuer.refresh(current)
        self.traded.set()
        await self.goes_on.wait()
        return renewal

    async def confirm(self, current: Sealed, offered: VerifierOffered) -> Renewal:
        return await self.issuer.confirm(current, offered)


async def until_removed(acme: Installation) -> None:
    """Wait until the connection is marked, and tokens would be revoked next."""
    while not acme.connection.removed:  # noqa: ASYNC110 - a mapping rings no bell
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)


def removal(acme: Installation) -> Removal:
    return Removal(acme.registry, acme.session, acme.connection, allow_http=True)


async def remove(acme: Installation) -> dict[str, Finding]:
    return {each.what: each async for each in removal(acme).carry_out()}


async def with_everything(acme: Installation) -> None:
    await acme.webhooks.register(acme.url, 10)
    grant = SalesforceGrant(client_id="key", client_secret=SecretStr("canary"))
    await acme.registry.replace(acme.connection, grant, Side.SALESFORCE, "connected")


def grant(acme: Installation) -> FreshBooksGrant:
    held = acme.registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
    assert held is not None
    return held.grant


async def test_removing_takes_back_what_it_may_do_and_deletes_its_secrets() -> None:
    async with connected() as acme:
        await with_everything(acme)
        token = grant(acme).access_token.get_secret_value()

        found = await remove(acme)

        assert all(each.well for each in found.values())
        assert acme.sandbox.freshbooks.callbacks.all() == []
        assert acme.sandbox.freshbooks.tokens.scopes_of(token) is None
        assert not acme.view
        assert acme.registry.all() == []
        assert acme.audit[-1].rule == "the connection was removed"
        with pytest.raises(NoConnection):
            acme.registry[ACME]


async def test_a_plan_changes_nothing() -> None:
    async with connected() as acme:
        await with_everything(acme)
        before = dict(acme.view)

        planned = removal(acme).planned()

        assert planned[0].says == "would delete 3 callbacks"
        assert (dict(acme.view), acme.connection.removed) == (before, False)
        assert len(acme.sandbox.freshbooks.callbacks.all()) == 3


async def test_while_freshbooks_is_away_the_rest_is_done_and_what_is_left_is_said() -> None:
    async with connected() as acme:
        await with_everything(acme)
        await acme.sandbox.control.faults(AWAY)

        found = await remove(acme)

        left = {what: each.mend for what, each in found.items() if not each.well}
        assert [*left] == ["FreshBooks webhooks", "FreshBooks access"]
        assert all(acme.sandbox.account_id in mend and "by hand" in mend for mend in left.values())
        assert not acme.view
        assert acme.connection.removed


async def test_an_access_token_ends_though_its_refresh_token_could_not_be_ended() -> None:
    async with connected() as acme:
        token = grant(acme).access_token.get_secret_value()
        once = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/revoke", next=1)
        await acme.sandbox.control.faults(Faults(rules=(once,)))

        found = await remove(acme)

        assert acme.sandbox.freshbooks.tokens.scopes_of(token) is None
        assert not found["FreshBooks access"].well


async def test_what_is_still_read_for_it_ends() -> None:
    async with connected() as acme:
        await remove(acme)

        with pytest.raises(Removed):
            await acme.books.read(ACME, ObjectKind.CLIENT, 1)


async def test_a_token_of_a_removed_connection_is_not_renewed() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"removed": True})

        await acme.keep(RefreshAsked(id="ask", connection=ACME, side=Side.FRESHBOOKS, generation=1))

        assert (acme.audit[-1].verdict.value, acme.audit[-1].rule) == (
            "ignored",
            "the connection was removed",
        )


async def test_a_name_taken_anew_is_kept_by_the_same_keeper_who_knew_its_former_life() -> None:
    async with connected() as acme:
        await acme.keep(RefreshAsked(id="1", connection=ACME, side=Side.FRESHBOOKS, generation=1))
        await remove(acme)
        acme.connections[ACME] = acme.registry.taken(ACME)

        await acme.connect()

        token = await acme.tokens.freshbooks(ACME)
        newer = await acme.tokens.renew(ACME, token.generation)
        assert acme.connection.life == 2
        assert newer.generation == token.generation + 1
        assert (await acme.books.read(ACME, ObjectKind.CLIENT, 1)).snapshot.kind == "gone"


async def test_removing_may_be_repeated() -> None:
    async with connected() as acme:
        await acme.sandbox.control.faults(AWAY)
        await remove(acme)
        await acme.sandbox.control.faults(Faults())

        found = await remove(acme)

        assert [each for each in found.values() if not each.well] == []
        assert found["FreshBooks webhooks"].says == "nothing is left here by which any could be deleted"
        assert found["FreshBooks access"].says == "there was none"


async def test_what_a_renewal_that_is_under_way_brings_is_revoked_as_well() -> None:
    async with connected() as acme:
        held_up = HeldUp(acme.issuer)
        acme.keeper.issuer = held_up
        asked = RefreshAsked(id="ask", connection=ACME, side=Side.FRESHBOOKS, generation=1)
        renewal = asyncio.create_task(acme.keep(asked))
        await held_up.traded.wait()
        removing = asyncio.create_task(remove(acme))
        await until_removed(acme)

        held_up.goes_on.set()
        await renewal

        assert (await removing)["FreshBooks access"].says == "its tokens are revoked"
        assert not acme.sandbox.freshbooks.tokens._refresh
        assert not acme.view


async def test_whoever_connects_what_is_being_removed_does_not_bring_it_back() -> None:
    async with connected() as acme:
        before = acme.connection

        async def undone(*values: Value) -> None:
            """Write the mark; then somebody writes what he has looked up before it."""
            await acme.write(*values)
            if len(acme.audit) == said:
                await acme.write(before)

        said, late = len(acme.audit), replace(acme.registry, write=undone)

        found = [each async for each in Removal(late, acme.session, before, allow_http=True).carry_out()]

        assert acme.connection.removed
        assert all(each.well for each in found)
        assert not acme.view
        assert not acme.sandbox.freshbooks.tokens._refresh


async def test_whoever_removes_what_is_another_connection_by_now_is_told_so_and_ends_nothing() -> None:
    async with connected() as acme:
        late = removal(acme)
        await remove(acme)
        acme.connections[ACME] = acme.registry.taken(ACME)
        await acme.connect()

        with pytest.raises(RemovedMeanwhile, match="is another connection now"):
            [each async for each in late.carry_out()]

        assert not acme.connection.removed
        assert (await acme.tokens.renew(ACME, (await acme.tokens.freshbooks(ACME)).generation)).secret
