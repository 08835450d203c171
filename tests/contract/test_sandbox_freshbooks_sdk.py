"""FreshBooks' official SDK works against the sandbox, unchanged: the strongest witness we have offline."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from freshbooks import (
    FilterBuilder,
    FreshBooksError,
    IncludesBuilder,
    PaginateBuilder,
    SortBuilder,
    VisState,
)

from tests.builders.freshbooks_sdk import sdk
from tests.fakes.webhook_receiver import webhook_receiver


async def test_the_token_expires_in_twelve_hours_and_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        old = one.client.access_token
        left = one.client.access_token_expires_at - datetime.now(UTC)  # noqa: TID251 - the SDK's real time

        await one.do(one.client.refresh_access_token)

        assert 43_000 < left.total_seconds() <= 43_200
        assert one.client.access_token != old


async def test_a_used_refresh_token_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        used = one.client.refresh_token
        await one.do(one.client.refresh_access_token)

        with pytest.raises(FreshBooksError, match="authorization grant is invalid"):
            await one.do(one.client.refresh_access_token, used)


async def test_the_current_user_is_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        me = await one.do(one.client.current_user)

        assert me.full_name == "Sandra Box"
        assert me.business_memberships[0].business.account_id == one.account


async def test_a_client_lives_from_creation_to_deletion(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        clients = one.client.clients
        made = await one.do(
            clients.create, one.account, {"organization": "Café Łuk", "email": "c@example.com"}
        )
        changed = await one.do(clients.update, one.account, made.id, {"fname": "Zoë"})
        deleted = await one.do(clients.delete, one.account, made.id)
        read = await one.do(clients.get, one.account, made.id)

        assert changed.data["fname"] == "Zoë"
        assert deleted.vis_state == read.vis_state == VisState.DELETED
        age = datetime.now(UTC) - read.updated  # noqa: TID251 - the SDK turns Eastern into real UTC
        assert abs(age.total_seconds()) < 60


async def test_lists_are_paged_filtered_and_sorted_by_the_builders(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        clients = one.client.clients
        made = [
            (await one.do(clients.create, one.account, {"organization": f"Firm {n}"})).id for n in range(5)
        ]

        page = await one.do(clients.list, one.account, builders=[PaginateBuilder(2, 2)])
        found = await one.do(
            clients.list, one.account, builders=[FilterBuilder().like("organization_like", "firm 3")]
        )
        listed = await one.do(
            clients.list, one.account, builders=[FilterBuilder().in_list("userid", made[:2])]
        )
        sorted_up = await one.do(clients.list, one.account, builders=[SortBuilder().ascending("id")])

        assert (page.pages.page, page.pages.pages, page.pages.total) == (2, 3, 5)
        assert [client.id for client in page] == made[2:0:-1]
        assert [client.id for client in found] == [made[3]]
        assert [client.id for client in listed] == made[1::-1]
        assert [client.id for client in sorted_up] == made


async def test_an_invoice_is_paid_and_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        client = await one.do(one.client.clients.create, one.account, {"organization": "Ann & Co"})
        lines = [{"type": 0, "name": "Work", "qty": 2, "unit_cost": {"amount": "50.25", "code": "CAD"}}]
        body = {"customerid": client.id, "create_date": "2026-05-01", "currency_code": "CAD", "lines": lines}
        invoices, payments = one.client.invoices, one.client.payments

        made = await one.do(invoices.create, one.account, body, includes=IncludesBuilder().include("lines"))
        payment = {
            "invoiceid": made.id,
            "amount": {"amount": "100.50"},
            "date": "2026-05-02",
            "type": "Check",
        }
        await one.do(payments.create, one.account, payment)
        paid = await one.do(invoices.get, one.account, made.id)
        await one.do(invoices.delete, one.account, made.id)
        gone = await one.do(invoices.get, one.account, made.id)

        assert made.lines[0].qty == "2"
        assert Decimal(made.amount.amount) == Decimal("100.50")
        assert (paid.v3_status, paid.outstanding.amount) == ("paid", "0.00")
        assert gone.vis_state == VisState.DELETED


async def test_an_unknown_client_is_an_error_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        with pytest.raises(FreshBooksError) as caught:
            await one.do(one.client.clients.get, one.account, 12345)

        assert (caught.value.status_code, caught.value.error_code) == (404, 1012)
        assert str(caught.value) == "Client not found."


async def test_a_callback_is_registered_verified_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one, webhook_receiver() as receiver:
        callbacks = one.client.callbacks
        wanted = {"event": "client.create", "uri": receiver.url + "/clients"}

        made = await one.do(callbacks.create, one.account, wanted)
        (handshake,) = await receiver.wait_for(1)
        done = await one.do(callbacks.verify, one.account, made.callbackid, handshake.fields["verifier"])
        listed = await one.do(callbacks.list, one.account)
        await one.do(one.client.clients.create, one.account, {"organization": "Heard"})
        event = (await receiver.wait_for(2))[1]
        await one.do(callbacks.delete, one.account, made.callbackid)

        assert (made.verified, done.verified, listed.pages.total) == (False, True, 1)
        assert event.fields["name"] == "client.create"
        with pytest.raises(FreshBooksError, match="could not be found"):
            await one.do(callbacks.get, one.account, made.callbackid)


async def test_a_callback_for_no_event_is_an_error_with_details(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        with pytest.raises(FreshBooksError, match="semantic errors") as caught:
            await one.do(one.client.callbacks.create, one.account, {"event": "moon", "uri": "nowhere"})

        assert len(caught.value.error_details or ()) == 2
