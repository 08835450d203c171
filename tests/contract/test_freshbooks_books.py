"""Reading objects and lists, through every trouble the sandbox can make."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.freshbooks import mending
from app.freshbooks.client import Listed
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.acts import Change, Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from streams.domain.errors import Permanent
from streams.domain.identity import ObjectKind
from streams.domain.snapshot import Client, Gone, Invoice, Payment, Visibility
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME


async def made(acme: Installation, noun: Noun, **body: Any) -> int:
    (object_id,) = await acme.sandbox.control.act([Create(noun=noun, body=body)])
    return object_id


async def an_invoice(acme: Installation, amount: str = "41.94") -> tuple[int, int]:
    client = await made(acme, Noun.CLIENT, organization="Zoë & Söhne 🧾", fname="Zoë", currency_code="CAD")
    line = {"name": "Bowls", "qty": "2", "unit_cost": {"amount": amount, "code": "CAD"}}
    invoice = await made(
        acme, Noun.INVOICE, customerid=client, create_date="2026-06-01", currency_code="CAD", lines=[line]
    )
    return client, invoice


async def listed(acme: Installation, kind: ObjectKind, *, deleted: bool = False) -> list[Listed]:
    since = (acme.registry.clock() - timedelta(days=2)).date()
    return [each async for each in acme.books.changed(ACME, kind, since, deleted=deleted)]


async def test_client_invoice_and_payment_are_read_as_they_are() -> None:
    async with connected() as acme:
        client, invoice = await an_invoice(acme)
        payment = await made(
            acme,
            Noun.PAYMENT,
            invoiceid=invoice,
            amount={"amount": "20.00", "code": "CAD"},
            date="2026-06-29",
            type="Cash",
        )

        one = (await acme.books.read(ACME, ObjectKind.CLIENT, client)).snapshot
        two = (await acme.books.read(ACME, ObjectKind.INVOICE, invoice)).snapshot
        three = (await acme.books.read(ACME, ObjectKind.PAYMENT, payment)).snapshot

        assert isinstance(one, Client)
        assert one.organization == "Zoë & Söhne 🧾"
        assert isinstance(two, Invoice)
        assert (two.amount.amount, two.paid.amount, two.outstanding.amount) == (
            Decimal("83.88"),
            Decimal("20.00"),
            Decimal("63.88"),
        )
        assert two.lines is not None
        assert two.lines[0].quantity == Decimal(2)
        assert isinstance(three, Payment)
        assert (three.client, three.invoice) == (client, invoice)


async def test_the_moment_of_change_is_told_in_utc() -> None:
    async with connected() as acme:
        client, invoice = await an_invoice(acme)

        for kind, object_id in ((ObjectKind.CLIENT, client), (ObjectKind.INVOICE, invoice)):
            found = await acme.books.read(ACME, kind, object_id)
            assert abs(found.changed_at - found.read_at) < timedelta(minutes=1)


async def test_what_freshbooks_does_not_know_is_gone() -> None:
    async with connected() as acme:
        for kind in ObjectKind:
            found = await acme.books.read(ACME, kind, 4711)
            assert isinstance(found.snapshot, Gone)
            assert found.changed_at == found.read_at


async def test_a_deleted_object_is_still_read_and_dated_by_its_reading() -> None:
    async with connected() as acme:
        _, invoice = await an_invoice(acme)
        await acme.sandbox.control.act([Remove(noun=Noun.INVOICE, id=invoice)])

        found = await acme.books.read(ACME, ObjectKind.INVOICE, invoice)

        assert isinstance(found.snapshot, Invoice)
        assert found.snapshot.visibility is Visibility.DELETED
        assert found.changed_at == found.read_at


async def test_with_another_accounts_id_all_waits_until_it_is_set_right() -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        right = acme.connection
        acme.connections[ACME] = right.model_copy(update={"freshbooks_account_id": "wrong1"})
        waiting = asyncio.create_task(acme.books.read(ACME, ObjectKind.CLIENT, client))
        await asyncio.sleep(0.3)
        assert not waiting.done()

        acme.connections[ACME] = right

        async with asyncio.timeout(10):
            assert isinstance((await waiting).snapshot, Client)


@pytest.mark.parametrize("shape", ["current", "rpc"])
@pytest.mark.parametrize("single", [False, True])
async def test_gone_is_understood_in_every_error_shape(shape: str, *, single: bool) -> None:
    async with connected() as acme:
        await acme.sandbox.control.switches(error_shape=shape, single_error_object=single)

        assert isinstance((await acme.books.read(ACME, ObjectKind.INVOICE, 4711)).snapshot, Gone)


@pytest.mark.parametrize(
    "fault",
    [
        Rule(kind=FaultKind.ANSWER, status=503, next=2),
        Rule(kind=FaultKind.ANSWER, status=409, next=1),
        Rule(kind=FaultKind.ANSWER, status=429, seconds=1, next=1),
        Rule(kind=FaultKind.ANSWER, status=401, next=1, path="/accounting/*"),
        Rule(kind=FaultKind.HTML, status=502, next=1),
        Rule(kind=FaultKind.RESET, next=1),
        Rule(kind=FaultKind.LOST_ANSWER, next=1),
    ],
    ids=lambda rule: f"{rule.kind.value}-{rule.status}",
)
async def test_trouble_that_passes_is_waited_out(fault: Rule) -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        await acme.sandbox.control.faults(Faults(rules=(fault,)))

        found = await acme.books.read(ACME, ObjectKind.CLIENT, client)

        assert isinstance(found.snapshot, Client)
        assert (await acme.sandbox.control.counters()).faults


async def test_settings_that_are_mended_take_effect_on_what_waits() -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        mended = acme.connection
        nowhere = {"freshbooks_api_url": "http://127.0.0.1:9"}
        acme.connections[ACME] = mended.model_copy(update=nowhere)
        waiting = asyncio.create_task(acme.books.read(ACME, ObjectKind.CLIENT, client))
        await asyncio.sleep(0.1)

        acme.connections[ACME] = mended

        assert isinstance((await asyncio.wait_for(waiting, 10)).snapshot, Client)


async def test_every_question_is_counted_with_what_came_of_it() -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        counted: list[tuple[str, str]] = []
        acme.books.count = lambda connection, came: counted.append((connection, came))
        fault = Rule(kind=FaultKind.ANSWER, status=503, next=1)
        await acme.sandbox.control.faults(Faults(rules=(fault,)))

        await acme.books.read(ACME, ObjectKind.CLIENT, client)

        assert counted == [(ACME, "unreachable"), (ACME, "ok")]


async def test_a_refusal_goes_up() -> None:
    async with connected() as acme:
        refused = Rule(kind=FaultKind.ANSWER, status=422, path="/accounting/*")
        await acme.sandbox.control.faults(Faults(rules=(refused,)))

        with pytest.raises(Permanent):
            await acme.books.read(ACME, ObjectKind.CLIENT, 1)


@pytest.mark.parametrize("status", [403, 404])
async def test_what_is_refused_for_one_object_alone_goes_up(status: int) -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        refused = Rule(kind=FaultKind.ANSWER, status=status, path=f"/accounting/*/{client}")
        await acme.sandbox.control.faults(Faults(rules=(refused,)))

        with pytest.raises(Permanent):
            await acme.books.read(ACME, ObjectKind.CLIENT, client)


@pytest.mark.parametrize("status", [403, 404])
async def test_what_is_refused_for_the_whole_account_waits_until_it_is_mended(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "FIRST", 0.2)
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        refused = Rule(kind=FaultKind.ANSWER, status=status, path="/accounting/*")
        await acme.sandbox.control.faults(Faults(rules=(refused,)))
        waiting = asyncio.create_task(acme.books.read(ACME, ObjectKind.CLIENT, client))
        await asyncio.sleep(0.5)
        assert not waiting.done()

        await acme.sandbox.control.faults(Faults())

        async with asyncio.timeout(10):
            assert isinstance((await waiting).snapshot, Client)


async def test_an_error_in_a_200_is_no_answer() -> None:
    async with connected() as acme:
        client, _ = await an_invoice(acme)
        path = f"/accounting/*/{client}"  # the whole account's would be waited for
        await acme.sandbox.control.faults(Faults(rules=(Rule(kind=FaultKind.ERRORS_IN_200, path=path),)))

        with pytest.raises(Permanent):
            await acme.books.read(ACME, ObjectKind.CLIENT, client)


async def test_a_list_is_walked_to_its_end_although_the_total_lies() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"freshbooks_reads_per_second": 1000.0})
        await acme.sandbox.control.switches(hidden_rows_in_total=40)
        body = {"organization": "one of many"}
        await acme.sandbox.control.act([Create(noun=Noun.CLIENT, body=body) for _ in range(230)])

        found = await listed(acme, ObjectKind.CLIENT)

        assert len({each.object_id for each in found}) == 230


async def test_an_empty_list_is_empty() -> None:
    async with connected() as acme:
        assert await listed(acme, ObjectKind.PAYMENT) == []


async def test_deleted_objects_are_in_a_list_of_their_own() -> None:
    async with connected() as acme:
        client, invoice = await an_invoice(acme)
        await acme.sandbox.control.act([Remove(noun=Noun.INVOICE, id=invoice)])

        assert await listed(acme, ObjectKind.INVOICE) == []
        assert [each.object_id for each in await listed(acme, ObjectKind.INVOICE, deleted=True)] == [invoice]
        assert [each.object_id for each in await listed(acme, ObjectKind.CLIENT)] == [client]


async def test_the_stamp_of_a_listed_object_moves_when_it_changes() -> None:
    async with connected() as acme:
        _, invoice = await an_invoice(acme)
        before = await listed(acme, ObjectKind.INVOICE)

        await acme.sandbox.control.act(
            [Change(noun=Noun.INVOICE, id=invoice, body={"invoice": {"notes": "x"}})]
        )
        await acme.sandbox.control.act([Change(noun=Noun.INVOICE, id=invoice, body={"notes": "y"})])

        assert await listed(acme, ObjectKind.INVOICE) != before


async def test_reads_keep_the_accounts_pace() -> None:
    async with connected() as acme:
        acme.connections[ACME] = acme.connection.model_copy(update={"freshbooks_reads_per_second": 20.0})
        began = acme.registry.clock()

        for number in range(1, 16):
            await acme.books.read(ACME, ObjectKind.CLIENT, number)

        assert acme.registry.clock() - began >= timedelta(seconds=0.45)
