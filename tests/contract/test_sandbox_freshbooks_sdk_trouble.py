"""FreshBooks' official SDK against the sandbox where something is wrong, late, deleted or not allowed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from freshbooks import FilterBuilder, FreshBooksError, IncludesBuilder, PaginateBuilder, VisState

from app.sandbox.faults import FaultKind, Faults, Rule
from tests.builders.freshbooks_sdk import Sdk, sdk


async def an_invoice(one: Sdk, client: int, cost: str = "80.00") -> int:
    lines = [{"type": 0, "name": "Work", "qty": 1, "unit_cost": {"amount": cost, "code": "USD"}}]
    body = {"customerid": client, "create_date": "2026-05-01", "lines": lines}
    made: int = (await one.do(one.client.invoices.create, one.account, body)).id
    return made


async def a_client(one: Sdk, name: str = "Ann & Co") -> int:
    made: int = (await one.do(one.client.clients.create, one.account, {"organization": name})).id
    return made


async def test_a_token_dead_after_twelve_hours_is_a_401_and_a_refresh_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sdk(monkeypatch) as one:
        await one.sandbox.control.advance(timedelta(hours=12, seconds=1))
        with pytest.raises(FreshBooksError) as caught:
            await one.do(one.client.clients.list, one.account)

        await one.do(one.client.refresh_access_token)

        assert caught.value.status_code == 401
        assert (await one.do(one.client.clients.list, one.account)).pages.total == 0


async def test_a_scope_that_was_not_consented_to_is_a_403(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        with pytest.raises(FreshBooksError) as caught:
            await one.do(one.client.estimates.list, one.account)

        assert caught.value.status_code == 403


async def test_deleted_rows_are_on_a_list_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        kept, gone = await a_client(one, "Kept"), await a_client(one, "Gone")
        await one.do(one.client.clients.delete, one.account, gone)

        living = await one.do(one.client.clients.list, one.account)
        deleted = await one.do(
            one.client.clients.list,
            one.account,
            builders=[FilterBuilder().equals("vis_state", VisState.DELETED)],
        )

        assert [each.id for each in living] == [kept]
        assert [each.id for each in deleted] == [gone]


async def test_what_changed_is_filtered_by_whole_days(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        await one.sandbox.control.set_clock(datetime(2026, 3, 4, 18, tzinfo=UTC))
        early = await a_client(one, "Early")
        await one.sandbox.control.set_clock(datetime(2026, 3, 6, 18, tzinfo=UTC))
        late = await a_client(one, "Late")
        clients = one.client.clients

        since = await one.do(
            clients.list, one.account, builders=[FilterBuilder().between("updated", min="2026-03-05")]
        )
        before = await one.do(
            clients.list, one.account, builders=[FilterBuilder().between("updated", max="2026-03-06")]
        )

        assert [each.id for each in since] == [late]
        assert [each.id for each in before] == [early]


async def test_lines_come_on_lists_only_when_they_are_included(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        await an_invoice(one, await a_client(one))
        invoices = one.client.invoices

        (bare,) = await one.do(invoices.list, one.account)
        (whole,) = await one.do(
            invoices.list, one.account, builders=[IncludesBuilder().include("lines"), PaginateBuilder(1, 5)]
        )

        assert "lines" not in bare.data
        assert whole.lines[0].unit_cost.amount == "80.00"


async def test_a_payment_is_changed_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        invoice, payments = await an_invoice(one, await a_client(one)), one.client.payments
        body = {"invoiceid": invoice, "amount": {"amount": "30.00"}, "date": "2026-05-02", "type": "Check"}
        made = await one.do(payments.create, one.account, body)
        changed = await one.do(payments.update, one.account, made.id, {"amount": {"amount": "50.00"}})
        partly = await one.do(one.client.invoices.get, one.account, invoice)
        await one.do(payments.delete, one.account, made.id)
        open_again = await one.do(one.client.invoices.get, one.account, invoice)

        assert Decimal(changed.amount.amount) == Decimal(50)
        assert [each.outstanding.amount for each in (partly, open_again)] == ["30.00", "80.00"]


@pytest.mark.parametrize("status", [409, 422, 429, 500, 503])
async def test_a_refusal_is_an_error_with_its_status(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    async with sdk(monkeypatch) as one:
        await one.sandbox.control.faults(Faults(rules=(Rule(kind=FaultKind.ANSWER, status=status),)))

        with pytest.raises(FreshBooksError) as caught:
            await one.do(one.client.clients.create, one.account, {"organization": "Never"})

        assert caught.value.status_code == status


async def test_a_resent_code_verifies_a_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sdk(monkeypatch) as one:
        callbacks = one.client.callbacks
        made = await one.do(
            callbacks.create, one.account, {"event": "invoice", "uri": "http://127.0.0.1:9/away"}
        )

        again = await one.do(callbacks.resend_verification, one.account, made.callbackid)

        assert (again.callbackid, again.verified) == (made.callbackid, False)
