"""Connecting, tokens and their keeper, against the sandbox over HTTP."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from app.connect.accounts import Candidate
from app.connect.freshbooks import OtherAccount, refuse_another
from app.freshbooks.oauth import OAuthApp
from app.freshbooks.refused import ConsentNeeded
from app.sandbox.faults import FaultKind, Faults, Rule
from app.vault.grants import FreshBooksGrant, Status
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.grant import RefreshAsked, Side
from streams.domain.identity import AccountId, ObjectKind
from tests.builders.installation import REDIRECT, Installation, connected, installed
from tests.builders.vault import ACME

KEPT = Connection(name=ACME, freshbooks_account_id=AccountId("kept1"))


def grant(acme: Installation) -> tuple[FreshBooksGrant, int]:
    held = acme.registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
    assert held is not None
    return held.grant, held.generation


def asked(generation: int) -> RefreshAsked:
    return RefreshAsked(id=f"ask {generation}", connection=ACME, side=Side.FRESHBOOKS, generation=generation)


async def test_consent_becomes_a_connection_and_a_sealed_grant() -> None:
    async with connected() as acme:
        assert acme.connection.freshbooks_account_id == acme.sandbox.account_id
        assert grant(acme)[1] == 1
        assert grant(acme)[0].expires_at > acme.registry.clock() + timedelta(hours=11)
        assert acme.verdicts() == ["granted"]


async def test_a_connection_that_had_a_copied_history_reads_books_of_its_own_once_it_is_connected() -> None:
    async with connected() as acme:
        await acme.registry.write(acme.connection.model_copy(update={"copied": True}))

        await acme.connect()

        assert not acme.connection.copied


async def test_an_account_that_users_me_leaves_null_is_found_by_its_role() -> None:
    async with installed() as acme:
        await acme.sandbox.control.switches(account_id_null=True)

        assert (await acme.connect()).freshbooks_account_id == acme.sandbox.account_id


async def test_of_several_accounts_the_connection_s_own_is_taken_when_consenting_again() -> None:
    async with connected() as acme:
        await acme.sandbox.control.switches(more_accounts=["aBc123"], client_elsewhere=True)

        again = await acme.connect()

        assert again.freshbooks_account_id == acme.sandbox.account_id


async def test_of_several_accounts_a_first_consent_asks_and_client_roles_are_not_offered() -> None:
    async with installed() as acme:
        await acme.sandbox.control.switches(more_accounts=["aBc123"], client_elsewhere=True)
        offered: list[str] = []

        def ask(found: tuple[Candidate, ...]) -> Candidate:
            offered.extend(each.account for each in found)
            return found[1]

        joined = await acme.connect(choose=ask)

        assert offered == [acme.sandbox.account_id, "aBc123"]
        assert joined.freshbooks_account_id == "aBc123"


async def test_a_code_works_once() -> None:
    async with installed() as acme:
        address = await acme.consented()
        await acme.connect(address)

        with pytest.raises(ConsentNeeded, match=r"it works once, within five minutes") as refused:
            await acme.connect(address)

        assert refused.value.mend == "consent again: that brings a new one"


async def test_a_wrong_client_secret_is_said_to_be_that() -> None:
    async with installed() as acme:
        wrong = OAuthApp(acme.sandbox.client_id, SecretStr("canary"), REDIRECT)
        address = await acme.consented()

        with pytest.raises(Misconfigured) as refused:
            await acme.connect(address.rsplit("code=", 1)[1].split("&")[0], wrong)

        assert refused.value.code == "bad-client"


async def test_connecting_again_keeps_the_settings_and_raises_the_generation() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"poll_every_seconds": 77})

        await acme.connect()

        assert acme.connection.poll_every_seconds == 77
        assert grant(acme)[1] == 2


async def test_a_connection_never_changes_its_account_unless_that_is_said() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"freshbooks_account_id": "other"})

        with pytest.raises(Misconfigured) as refused:
            await acme.connect()

        assert refused.value.code == "other-account"
        assert acme.connection.freshbooks_account_id == "other"
        await acme.connect(other_account=True)
        assert acme.connection.freshbooks_account_id == acme.sandbox.account_id


@pytest.mark.parametrize("wanted", ["", "kept1"])
def test_the_account_that_a_connection_has_may_be_named_again(wanted: str) -> None:
    refuse_another(KEPT, wanted, other_account=False)


def test_another_account_than_the_connection_s_is_refused_before_anybody_consents() -> None:
    with pytest.raises(OtherAccount, match=r"joined to the FreshBooks account kept1, not to other1"):
        refuse_another(KEPT, "other1", other_account=False)

    refuse_another(KEPT, "other1", other_account=True)
    refuse_another(Connection(name=ACME), "other1", other_account=False)


async def test_the_keeper_renews_and_the_new_pair_works() -> None:
    async with connected() as acme:
        await acme.keep(asked(1))
        await acme.keep(asked(2))

        token = await acme.tokens.freshbooks(ACME)
        assert token.generation == 3
        assert acme.verdicts() == ["granted", "refreshed", "refreshed"]
        reading = await acme.books.read(ACME, ObjectKind.CLIENT, 1)
        assert reading.snapshot.kind == "gone"


async def test_a_spent_refresh_token_needs_consent_and_consent_mends_it() -> None:
    async with connected() as acme:
        await acme.sandbox.control.revoke_consent()

        await acme.keep(asked(1))
        assert grant(acme)[0].status is Status.NEEDS_CONSENT
        assert acme.verdicts()[-1] == "needs-consent"

        await acme.connect()
        assert grant(acme)[0].status is Status.OK
        assert (await acme.tokens.freshbooks(ACME)).generation == 3


async def test_a_refresh_whose_answer_got_lost_is_tried_once_more_and_then_says_so() -> None:
    async with connected() as acme:
        lost = Rule(kind=FaultKind.LOST_ANSWER, method="POST", path="*/oauth/token", next=1)
        await acme.sandbox.control.faults(Faults(rules=(lost,)))

        await acme.keep(asked(1))

        assert grant(acme)[0].status is Status.NEEDS_CONSENT


@pytest.mark.parametrize(
    "fault",
    [
        Rule(kind=FaultKind.RESET, method="POST", path="*/oauth/token", next=2),
        Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/token", next=2),
        Rule(kind=FaultKind.HTML, status=502, method="POST", path="*/oauth/token", next=2),
    ],
)
async def test_trouble_on_the_way_to_a_new_token_is_tried_again(fault: Rule) -> None:
    async with connected() as acme:
        await acme.sandbox.control.faults(Faults(rules=(fault,)))

        await acme.keep(asked(1))

        assert grant(acme)[0].status is Status.OK
        assert grant(acme)[1] == 2


async def test_an_outage_of_the_token_endpoint_loses_no_grant() -> None:
    async with connected() as acme:
        down = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/token")
        await acme.sandbox.control.faults(Faults(rules=(down,)))
        await acme.keep(asked(1))
        assert acme.verdicts()[-1] == "ignored"

        await acme.sandbox.control.faults(Faults())
        await acme.keep(asked(1))

        assert grant(acme)[1] == 2


async def test_many_readers_with_a_dead_token_cost_one_refresh() -> None:
    async with connected() as acme:
        await acme.sandbox.control.expire_tokens()

        await asyncio.gather(*(acme.books.read(ACME, ObjectKind.CLIENT, n) for n in range(1, 9)))

        assert grant(acme)[1] == 2
        assert acme.verdicts().count("refreshed") == 1
