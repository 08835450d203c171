"""Three connections in one installation, two of one FreshBooks account: nothing of one is another's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from app.ingress.granted import callbacks
from app.vault.access import Grants
from app.vault.cipher import SealBroken
from app.vault.grants import Callback, FreshBooksGrant, WebhooksGrant
from app.vault.seal import Sealer
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.connection import Connection
from streams.domain.event import Event
from streams.domain.grant import Side
from streams.domain.identity import AccountId, ClientId, ConnectionName, ObjectKind, client_key, object_key
from streams.ports import Applied
from tests.builders.lanes import lanes_to
from tests.builders.salesforce import a_connection, an_account
from tests.builders.vault import a_freshbooks_grant, a_sealer
from tests.builders.webhooks import NOW, PREFIX, House, a_form, a_house, http, signed
from tests.fakes.grants_view import GrantsView
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

SHARED, OTHER = "6BApk", "9ZZzz"
NORTH, SOUTH, EAST = (ConnectionName(name) for name in ("north", "south", "east"))
ACCOUNTS = {NORTH: SHARED, SOUTH: SHARED, EAST: OTHER}
PATHS = {name: f"{number:x}" * 32 for number, name in enumerate(ACCOUNTS, 10)}
SECRETS = {name: f"{name}-verifier-of-thirty-letters" for name in ACCOUNTS}


def connections() -> dict[str, Connection]:
    return {
        name: Connection(name=name, freshbooks_account_id=AccountId(account))
        for name, account in ACCOUNTS.items()
    }


def grants(sealer: Sealer) -> Grants:
    return Grants(GrantsView(*(sealer.seal(webhooks(name), name, 1, NOW) for name in ACCOUNTS)), sealer)


def webhooks(name: ConnectionName) -> WebhooksGrant:
    return WebhooksGrant(
        callbacks=(
            Callback(
                path=PATHS[name],
                event="invoice",
                uri=f"https://hooks.example.com{PREFIX}{PATHS[name]}",
                callback_id=2001,
                verifier=SecretStr(SECRETS[name]),
                verified=True,
            ),
        )
    )


@asynccontextmanager
async def three() -> AsyncIterator[House]:
    async with a_house(*callbacks(connections(), grants(a_sealer()))) as house:
        yield house


def a_webhook_to(name: ConnectionName, signer: ConnectionName, account: str, number: int = 7) -> bytes:
    form = a_form(account_id=account, object_id=str(number))
    headers = {"X_FreshBooks_Hmac_SHA256": signed(form, SECRETS[signer])}
    return http(urlencode(form), path=PREFIX + PATHS[name], **headers)


def entries(house: House) -> list[AuditEntry]:
    return [each for each in house.keep.kept if isinstance(each, AuditEntry)]


async def test_each_webhook_is_an_event_of_its_own_connection_alone() -> None:
    async with three() as house:
        for name, account in ACCOUNTS.items():
            assert await house.status(a_webhook_to(name, name, account)) == 200

        events = [each for each in house.keep.kept if isinstance(each, Event)]
        assert [each.connection for each in events] == [NORTH, SOUTH, EAST]
        assert len({each.key for each in events}) == len({each.id for each in events}) == 3


@pytest.mark.parametrize(("to", "signer"), [(SOUTH, NORTH), (NORTH, SOUTH), (EAST, NORTH)])
async def test_one_connection_s_verifier_opens_no_other_s_path_even_of_the_same_account(
    to: ConnectionName, signer: ConnectionName
) -> None:
    async with three() as house:
        assert await house.status(a_webhook_to(to, signer, ACCOUNTS[to])) == 401

        assert [(each.connection, each.verdict) for each in entries(house)] == [(to, Verdict.AUTH_FAILED)]


async def test_x24_a_signed_webhook_of_another_account_is_refused_as_a_security_event() -> None:
    async with three() as house:
        assert await house.status(a_webhook_to(NORTH, NORTH, OTHER)) == 403

        (entry,) = entries(house)
        assert (entry.connection, entry.verdict) == (NORTH, Verdict.SECURITY)
        assert not [each for each in house.keep.kept if isinstance(each, Event)]


async def test_a_flood_of_them_is_summed_up_and_silences_nobody_else() -> None:
    async with three() as house:
        for number in range(1, 201):
            assert await house.status(a_webhook_to(NORTH, NORTH, OTHER, number)) == 403
        assert await house.status(a_webhook_to(EAST, EAST, SHARED)) == 403
        house.reception.say_unsaid()

        said = [each for each in entries(house) if each.connection == NORTH]
        assert len(said) == 6
        assert said[-1].details["further_refusals"] == 195
        assert len([each for each in entries(house) if each.connection == EAST]) == 1


def test_keys_of_one_connection_are_no_other_s() -> None:
    keys = {object_key(name, ObjectKind.INVOICE, 31) for name in ACCOUNTS}
    keys |= {client_key(name, ClientId(7)) for name in ACCOUNTS}

    assert len(keys) == 6


def test_a_grant_opens_under_no_other_connection_s_name() -> None:
    sealer = a_sealer()
    sealed = sealer.seal(a_freshbooks_grant(), NORTH, 1, NOW)
    moved = sealed.model_copy(update={"connection": SOUTH})

    with pytest.raises(SealBroken):
        Grants(GrantsView(moved), sealer).held(FreshBooksGrant, SOUTH, Side.FRESHBOOKS)


def test_of_two_connections_to_one_org_each_has_its_own_lanes_session_and_pause() -> None:
    wire = FakeWire()
    org = "https://acme.my.salesforce.com"
    settings = {name: a_connection(name, salesforce_domain=org) for name in (NORTH, SOUTH)}
    settings[SOUTH] = settings[SOUTH].model_copy(update={"paused": True})

    async def story() -> object:
        lanes = lanes_to(wire, settings)
        waiting = lanes.put(an_account(1).model_copy(update={"connection": SOUTH}))
        said = await lanes.write(an_account(1).model_copy(update={"connection": NORTH}))
        assert not waiting.done()
        return said

    assert isinstance(simulate(story()), Applied)
