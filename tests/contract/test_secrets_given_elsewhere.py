"""A secret beside an address that it was not given for: after a crash in the middle of connecting, say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from app.connect.checkup import Checkup
from app.connect.freshbooks import Urls, with_urls
from app.connect.meanwhile import bind_old_secrets
from app.connect.overview import overview
from app.connect.salesforce import connect, org
from app.connect.webhooks import Webhooks
from app.registry import Registry
from app.salesforce.wire.transport import QUICK, transport
from app.salesforce.wire.wire import Send
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from app.sandbox.serving import listening
from app.vault.elsewhere import GivenElsewhere
from app.vault.grants import FreshBooksGrant, SalesforceGrant, WebhooksGrant
from app.vault.tokens import AccessToken
from streams.domain.errors import FreshforceError
from streams.domain.grant import RefreshAsked, Side, VerifierOffered, grant_key
from streams.domain.identity import ObjectKind
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME


@asynccontextmanager
async def a_stranger(heard: list[str]) -> AsyncIterator[str]:
    """A host that nobody gave a secret for."""

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.json_response({})

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", hear)
    async with listening(site) as url:
        yield url


def grant(acme: Installation) -> FreshBooksGrant:
    held = acme.registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
    assert held is not None
    return held.grant


def an_offer(acme: Installation) -> VerifierOffered:
    """A new verifier for one of the registered callbacks, as FreshBooks sends it."""
    held = acme.registry.grants.held(WebhooksGrant, ACME, Side.WEBHOOKS)
    assert held is not None
    callback = held.grant.callbacks[0]
    assert callback.callback_id is not None
    return acme.sealer.offer(ACME, callback.path, callback.callback_id, "another-verifier")


async def of_a_former_release(acme: Installation) -> None:
    """Write the grant as it was before anybody wrote down its address."""
    former = grant(acme).model_copy(update={"address": "", "given_at": None})
    await acme.registry.replace(acme.connection, former, Side.FRESHBOOKS, "as before")


async def test_freshbooks_secrets_go_to_no_address_that_was_written_without_a_new_consent() -> None:
    heard: list[str] = []
    async with connected() as acme, a_stranger(heard) as elsewhere, transport(QUICK) as send:
        before = await acme.tokens.freshbooks(ACME)
        acme.connections[ACME] = with_urls(acme.connection, Urls(api=elsewhere), allow_http=True)

        await acme.keep(RefreshAsked(id="1", connection=ACME, side=Side.FRESHBOOKS, generation=1))
        found = await Checkup(acme.registry, acme.session, send, allow_http=True).freshbooks(acme.connection)
        with pytest.raises(GivenElsewhere):
            await Webhooks(acme.registry, acme.session, acme.connection, allow_http=True).register(acme.url)

        assert heard == []
        assert await acme.tokens.freshbooks(ACME) == before
        assert acme.audit[-1].rule.startswith("not renewed, to be asked again: the freshbooks secret of acme")
        (red,) = found
        assert f"was given for {acme.sandbox.url}, not for {elsewhere}" in red.says
        assert red.mend == "consent again: freshforce connect freshbooks acme …"
        assert overview(acme.registry, acme.connection)["freshbooks"] == "given-elsewhere"


async def test_reading_waits_for_the_consent_at_the_new_address_and_goes_on_by_itself() -> None:
    async with connected() as acme:
        token = AccessToken("canary", 1, "https://api.freshbooks.com")

        with pytest.raises(GivenElsewhere) as refused:
            token.at(ACME, acme.sandbox.url)
        assert "canary" not in str(refused.value) + repr(token)

        await acme.connect()
        assert (await acme.books.read(ACME, ObjectKind.CLIENT, 1)).snapshot.kind == "gone"


async def test_neither_reading_nor_a_handshake_brings_a_token_to_an_address_that_it_was_not_given_for() -> (
    None
):
    heard: list[str] = []
    async with connected() as acme, a_stranger(heard) as elsewhere:
        await acme.webhooks.register(acme.url, 10)
        offer, before = an_offer(acme), acme.view[grant_key(ACME, Side.WEBHOOKS)]
        acme.connections[ACME] = with_urls(acme.connection, Urls(api=elsewhere), allow_http=True)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await acme.books.read(ACME, ObjectKind.CLIENT, 1)
        await acme.keep(offer)

        assert heard == []
        assert acme.view[grant_key(ACME, Side.WEBHOOKS)] == before
        assert "the freshbooks secret of acme" in acme.audit[-1].rule


async def test_a_grant_of_a_former_release_is_used_where_it_is_and_bound_there_by_its_next_renewal() -> None:
    async with connected() as acme:
        await of_a_former_release(acme)

        assert (await acme.books.read(ACME, ObjectKind.CLIENT, 1)).snapshot.kind == "gone"
        await acme.tokens.renew(ACME, 2)

        assert grant(acme).address == acme.sandbox.url


async def test_a_grant_of_a_former_release_is_bound_before_its_connection_s_address_changes() -> None:
    async with connected() as acme:
        await of_a_former_release(acme)
        before = acme.connection

        await bind_old_secrets(acme.registry, before)

        assert grant(acme).address == acme.sandbox.url
        assert acme.registry.grants.sealed(ACME, Side.FRESHBOOKS).generation == 2  # type: ignore[union-attr]


async def test_salesforce_secrets_go_to_no_address_that_was_written_without_a_log_in_there() -> None:
    heard: list[str] = []
    async with connected() as acme, a_stranger(heard) as elsewhere, transport(QUICK) as send:
        async with running_salesforce() as shop:
            client = shop.client_id, SecretStr(shop.client_secret)
            await connect(acme.registry, send, acme.connection, shop.url, client, allow_http=True)
        acme.connections[ACME] = acme.connection.model_copy(update={"salesforce_domain": elsewhere})

        with pytest.raises(GivenElsewhere, match="salesforce secret of acme") as refused:
            await org(acme.registry, send, acme.connection, allow_http=True).user()

        assert heard == []
        assert refused.value.mend == "consent again: freshforce connect salesforce acme …"
        assert overview(acme.registry, acme.connection)["salesforce"] == "given-elsewhere"


async def test_an_org_that_moves_leaves_no_old_secret_unbound_though_the_new_grant_never_comes() -> None:
    async with connected() as acme, transport(QUICK) as send, running_salesforce() as first:
        client = first.client_id, SecretStr(first.client_secret)
        await connect(acme.registry, send, acme.connection, first.url, client, allow_http=True)
        former = SalesforceGrant(client_id=client[0], client_secret=client[1])
        await acme.registry.replace(acme.connection, former, Side.SALESFORCE, "as before")
        async with running_salesforce() as new:
            await moved_until_a_crash(acme, send, new)

            assert acme.connection.salesforce_domain == new.url
            with pytest.raises(GivenElsewhere):
                await org(acme.registry, send, acme.connection, allow_http=True).user()


class Crash(FreshforceError):
    """The end of a process."""


class Dying(Registry):
    """Ends before a grant is written."""

    async def replace(self, *_: object) -> int:
        raise Crash


async def moved_until_a_crash(acme: Installation, send: Send, new: RunningSalesforce) -> None:
    """Connect the org at its new address, and end between the connection and its grant."""
    known = acme.registry
    dying = Dying(acme.connections, known.grants, acme.write, known.clock, known.random, acme.erase)
    client = new.client_id, SecretStr(new.client_secret)
    with pytest.raises(Crash):
        await connect(dying, send, acme.connection, new.url, client, allow_http=True, moved=True)


def test_a_token_of_a_former_release_may_go_where_its_connection_is() -> None:
    assert AccessToken("canary", 1).at(ACME, "https://api.freshbooks.com") == "canary"
