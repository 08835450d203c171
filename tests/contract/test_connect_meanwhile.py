"""Somebody else changes or removes a connection while a person still connects it."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.connect.changing import change
from app.connect.consent import pasted
from app.connect.freshbooks import OtherAccount, Urls, join, trade, with_urls
from app.connect.pausing import pause
from app.connect.salesforce import connect
from app.log_ins import LogIns, TooManyLogIns
from app.registry import RemovedMeanwhile
from app.salesforce.api.joining import OtherOrg
from app.salesforce.wire.transport import QUICK, transport
from app.salesforce.wire.wire import Reply, Request, Send
from app.sandbox.salesforce.running import running_salesforce
from app.vault.grants import FreshBooksGrant, SalesforceGrant
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.grant import Sealed, Side
from streams.domain.identity import AccountId
from tests.builders.installation import Installation, connected, installed
from tests.builders.vault import ACME, OTHER_KEY, a_sealer

ORG = "https://acme.my.salesforce.com"


def at_the_sandbox(acme: Installation) -> Connection:
    return with_urls(acme.registry.taken(ACME), Urls(acme.sandbox.url, acme.sandbox.url), allow_http=True)


async def consent(acme: Installation, asked: Connection) -> Connection:
    """Trade a code and join, for the connection as it was `asked` for."""
    code = pasted(acme.app, await acme.consented())
    tokens, (account, *_) = await trade(acme.registry, acme.session, asked, acme.app, code)
    return await join(acme.registry, asked, acme.app, tokens, account)


async def remove(acme: Installation) -> None:
    await acme.registry.write(acme.connection.model_copy(update={"removed": True}))
    for side in Side:
        acme.view.erase(f"{ACME}:{side.value}")


async def test_what_was_paused_and_set_while_the_owner_consented_stays_so() -> None:
    async with connected() as acme:
        asked = at_the_sandbox(acme)
        await pause(acme.registry, ACME, paused=True)
        await change(acme.registry, ACME, {"poll_every_seconds": "77"})

        await consent(acme, asked)

        assert (acme.connection.paused, acme.connection.poll_every_seconds) == (True, 77)


async def test_a_connection_that_was_removed_while_the_owner_consented_stays_removed() -> None:
    async with connected() as acme:
        asked = at_the_sandbox(acme)
        await remove(acme)

        with pytest.raises(RemovedMeanwhile, match="acme was removed meanwhile"):
            await consent(acme, asked)

        assert acme.connection.removed
        assert not acme.view


async def test_a_connection_that_is_removed_while_its_grant_is_put_keeps_no_grant_and_no_tokens() -> None:
    async with installed() as acme:
        write = acme.registry.grants.write

        async def removed_first(sealed: Sealed) -> None:
            await remove(acme)
            await write(sealed)

        acme.registry.grants.write = removed_first

        with pytest.raises(RemovedMeanwhile):
            await acme.connect()

        assert not acme.view
        assert not acme.sandbox.freshbooks.tokens._refresh


async def test_a_name_that_is_taken_anew_while_a_former_life_s_grant_is_put_keeps_that_of_its_new_life() -> (
    None
):
    async with installed() as acme:
        write = acme.registry.grants.write

        async def taken_anew_first(sealed: Sealed) -> None:
            acme.registry.grants.write = write
            await remove(acme)
            acme.connections[ACME] = acme.registry.taken(ACME)
            await acme.connect()
            await write(sealed)

        acme.registry.grants.write = taken_anew_first

        with pytest.raises(RemovedMeanwhile):
            await acme.connect()

        first = acme.connection.first_generation
        assert (await acme.tokens.freshbooks(ACME)).generation == first
        assert (await acme.tokens.renew(ACME, first)).generation == first + 1
        assert len(acme.sandbox.freshbooks.tokens._refresh) == 1


async def test_a_grant_that_is_put_into_the_new_life_of_a_name_does_not_stay_there() -> None:
    async with installed() as acme:
        write = acme.registry.grants.write

        async def taken_anew_first(sealed: Sealed) -> None:
            await remove(acme)
            acme.connections[ACME] = acme.registry.taken(ACME)
            await write(sealed)

        acme.registry.grants.write = taken_anew_first

        with pytest.raises(RemovedMeanwhile):
            await acme.connect()

        assert not acme.view
        assert not acme.sandbox.freshbooks.tokens._refresh


async def test_an_org_s_secret_does_not_outlive_the_connection_that_is_removed_while_it_is_put() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as send:
        write, client = acme.registry.grants.write, (org.client_id, SecretStr(org.client_secret))

        async def removed_first(sealed: Sealed) -> None:
            await remove(acme)
            await write(sealed)

        acme.registry.grants.write = removed_first

        with pytest.raises(RemovedMeanwhile):
            await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)

        assert not acme.view


async def test_of_two_consents_at_once_the_later_one_does_not_change_the_account() -> None:
    async with installed() as acme:
        asked = at_the_sandbox(acme)
        await acme.registry.write(asked.model_copy(update={"freshbooks_account_id": AccountId("0ther1")}))

        with pytest.raises(OtherAccount, match="0ther1 meanwhile"):
            await consent(acme, asked)


async def test_a_name_that_nobody_had_is_connected_as_it_was_asked_for() -> None:
    async with installed() as acme:
        joined = await consent(acme, at_the_sandbox(acme))

        assert acme.connection == joined
        assert joined.freshbooks_api_url == acme.sandbox.url


async def test_tokens_that_were_joined_and_renewed_are_not_put_back() -> None:
    async with installed() as acme:
        asked, code = at_the_sandbox(acme), pasted(acme.app, await acme.consented())
        tokens, found = await trade(acme.registry, acme.session, asked, acme.app, code)
        await join(acme.registry, asked, acme.app, tokens, found[0])
        await acme.tokens.renew(ACME, 1)

        await join(acme.registry, asked, acme.app, tokens, found[0])

        assert (await acme.tokens.freshbooks(ACME)).generation == 2


def meanwhile(send: Send, acme: Installation, after: Connection) -> Send:
    """Have somebody write `after` while Salesforce answers the log-in."""

    async def hindered(request: Request) -> Reply:
        reply = await send(request)
        await acme.registry.write(after)
        return reply

    return hindered


async def test_what_was_paused_during_a_log_in_at_the_org_stays_so() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as plain:
        client = org.client_id, SecretStr(org.client_secret)
        send = meanwhile(plain, acme, acme.connection.model_copy(update={"paused": True}))

        await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)

        assert acme.connection.paused
        assert acme.connection.salesforce_domain == org.url
        assert acme.connection.salesforce_org == org.org.users.organization[:15]


async def test_a_connection_that_was_removed_during_the_log_in_stays_removed() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as plain:
        client = org.client_id, SecretStr(org.client_secret)
        send = meanwhile(plain, acme, acme.connection.model_copy(update={"removed": True}))

        with pytest.raises(RemovedMeanwhile):
            await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)

        assert acme.registry.grants.sealed(ACME, Side.SALESFORCE) is None
        refused = acme.audit[-1]
        assert (refused.verdict, refused.rule) == (
            Verdict.AUTH_FAILED,
            "Salesforce was not connected: acme was removed meanwhile",
        )


async def test_a_log_in_to_connect_is_one_of_the_bounded_ones() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as send:
        client = org.client_id, SecretStr(org.client_secret)
        once = replace(acme.registry, log_ins=LogIns(1))
        await connect(once, send, acme.connection, org.url, client, allow_http=True)

        with pytest.raises(TooManyLogIns):
            await connect(once, send, acme.connection, org.url, client, allow_http=True)


async def test_of_two_orgs_at_once_the_later_one_does_not_replace_the_first() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as plain:
        client = org.client_id, SecretStr(org.client_secret)
        send = meanwhile(plain, acme, acme.connection.model_copy(update={"salesforce_domain": ORG}))

        with pytest.raises(OtherOrg, match="meanwhile"):
            await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)

        assert acme.connection.salesforce_domain == ORG


async def test_an_address_that_is_said_to_be_the_moved_org_s_is_refused_where_its_id_is_another() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as send:
        async with running_salesforce(seed=5) as other:
            client = org.client_id, SecretStr(org.client_secret)
            await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)
            client = other.client_id, SecretStr(other.client_secret)

            with pytest.raises(OtherOrg, match="is another org"):
                await connect(
                    *(acme.registry, send, acme.connection, other.url, client), allow_http=True, moved=True
                )

        assert acme.connection.salesforce_domain == org.url


async def test_a_removed_name_that_is_connected_anew_is_another_connection() -> None:
    async with connected() as acme:
        before = at_the_sandbox(acme)
        await remove(acme)
        code = pasted(acme.app, await acme.consented())
        again = at_the_sandbox(acme)
        tokens, found = await trade(acme.registry, acme.session, again, acme.app, code)
        await join(acme.registry, again, acme.app, tokens, found[0])

        with pytest.raises(RemovedMeanwhile):
            await join(acme.registry, before, acme.app, tokens, found[0])


async def test_where_a_key_is_lost_both_sides_are_connected_anew() -> None:
    async with connected() as acme, running_salesforce() as org, transport(QUICK) as send:
        acme.registry.grants.sealer = a_sealer(OTHER_KEY)
        client = org.client_id, SecretStr(org.client_secret)

        await connect(acme.registry, send, acme.connection, org.url, client, allow_http=True)
        await acme.connect()

        held = acme.registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
        assert held is not None
        assert held.grant.address == acme.sandbox.url
        assert acme.registry.grants.held(SalesforceGrant, ACME, Side.SALESFORCE) is not None
