from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.sandbox.control import ControlRefused, FreshBooksControl
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.acts import Change, Create, Remove, Tell
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.freshbooks_user import FreshBooksUser, freshbooks_user


@asynccontextmanager
async def controlled() -> AsyncIterator[tuple[FreshBooksUser, FreshBooksControl]]:
    async with freshbooks_user() as user:
        yield user, FreshBooksControl(user.session, user.sandbox.url)


async def test_acts_are_what_users_do_and_give_the_ids_back() -> None:
    async with controlled() as (user, control):
        (client,) = await control.act([Create(noun=Noun.CLIENT, body={"fname": "Ann"})])
        await control.act(
            [
                Change(noun=Noun.CLIENT, id=client, body={"fname": "Åse"}),
                Tell(noun=Noun.CLIENT, id=client),
                Remove(noun=Noun.CLIENT, id=client),
            ]
        )

        found = await user.read("users/clients", "client", client)
        assert (found["fname"], found["vis_state"]) == ("Åse", 1)
        assert (await control.counters()).events == {
            "client.create": 1,
            "client.update": 2,
            "client.delete": 1,
        }


async def test_an_act_that_freshbooks_refuses_is_refused_by_name() -> None:
    async with controlled() as (_, control):
        with pytest.raises(ControlRefused, match="At least one of fname"):
            await control.act([Create(noun=Noun.CLIENT, body={})])


async def test_faults_are_set_and_healed_while_it_runs() -> None:
    async with controlled() as (user, control):
        rule = Rule(kind=FaultKind.ANSWER, path="*/users/clients", status=429, seconds=2, next=1)
        await control.faults(Faults(rules=(rule,)))

        refused, _ = await user.accounting("GET", "users/clients")
        passed, _ = await user.accounting("GET", "users/clients")

        assert (refused, passed) == (429, 200)
        assert (await control.counters()).faults == {"answer": 1}


@pytest.mark.parametrize(("status", "errno"), [(401, 1003), (403, 1003), (404, 1012), (409, 409), (500, 500)])
async def test_injected_refusals_are_worded_as_freshbooks_does(status: int, errno: int) -> None:
    async with controlled() as (user, control):
        await control.faults(Faults(rules=(Rule(kind=FaultKind.ANSWER, status=status),)))

        found, body = await user.accounting("GET", "users/clients")

        assert (found, body["response"]["errors"][0]["errno"]) == (status, errno)


async def test_errors_may_be_injected_into_a_200() -> None:
    async with controlled() as (user, control):
        await control.faults(Faults(rules=(Rule(kind=FaultKind.ERRORS_IN_200),)))

        status, body = await user.accounting("GET", "users/clients")

        assert (status, list(body["response"])) == (200, ["errors"])


async def test_the_clock_is_moved_from_outside() -> None:
    async with controlled() as (_, control):
        moment = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
        await control.set_clock(moment, stopped=True)

        assert await control.advance(timedelta(hours=1)) == moment + timedelta(hours=1)


async def test_requests_are_counted_by_endpoint_and_status() -> None:
    async with controlled() as (user, control):
        await user.a_client()
        await user.accounting("GET", "users/clients/1")

        requests = (await control.counters()).requests
        assert requests["POST /accounting/account/{account}/users/clients 200"] == 1
        assert requests["GET /accounting/account/{account}/users/clients/{id} 404"] == 1


async def test_switches_and_knobs_are_turned_by_name_and_a_misspelt_one_is_refused() -> None:
    async with controlled() as (_, control):
        assert (await control.switches(error_shape="rpc"))["error_shape"] == "rpc"
        assert (await control.webhooks(duplicate=0.5))["duplicate"] == 0.5
        with pytest.raises(ControlRefused, match="422"):
            await control.webhooks(duplicate=7)
        with pytest.raises(ControlRefused, match="422"):
            await control.switches(eror_shape="rpc")


async def test_the_same_seed_sows_the_same_past_and_it_tells_nobody() -> None:
    async def sown(seed: int) -> tuple[list[object], dict[str, int]]:
        async with controlled() as (_, control):
            await control.set_clock(datetime(2026, 5, 1, tzinfo=UTC), stopped=True)
            await control.sow(60, seed)
            return [one async for one in control.truth()], (await control.counters()).events

    first, events = await sown(1)

    assert first == (await sown(1))[0]
    assert first != (await sown(2))[0]
    assert events == {}


async def test_the_truth_holds_every_object_deleted_ones_too() -> None:
    async with controlled() as (_, control):
        made = await control.sow(80)

        truth = [one async for one in control.truth([Noun.INVOICE, Noun.PAYMENT])]

        assert len(truth) == made.invoices + made.payments
        invoices = [invoice for noun, invoice in truth if noun is Noun.INVOICE]
        assert {invoice["vis_state"] for invoice in invoices} == {0, 1, 2}
        assert all(invoice["lines"] for invoice in invoices)
        assert len({invoice["currency_code"] for invoice in invoices}) > 3


async def test_tokens_are_ended_from_outside() -> None:
    async with controlled() as (user, control):
        await control.expire_tokens()

        assert (await user.accounting("GET", "users/clients"))[0] == 401
