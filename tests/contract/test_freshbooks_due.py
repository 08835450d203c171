"""What falls due is found on FreshBooks' lists, and the Account says so the next morning."""

from datetime import date

from app.freshbooks.client import Due
from app.sandbox.freshbooks.acts import Change, Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME

FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)


async def made(acme: Installation, noun: Noun, **body: object) -> int:
    (object_id,) = await acme.sandbox.control.act([Create(noun=noun, body=body)])
    return object_id


async def an_invoice(acme: Installation, client: int, due: date, *, sent: bool = True) -> int:
    """Return an invoice that is due on a day, sent unless said."""
    line = {"name": "Bowls", "qty": "1", "unit_cost": {"amount": "10.00", "code": "CAD"}}
    told = {"create_date": due.isoformat(), "due_offset_days": 0, "currency_code": "CAD", "lines": [line]}
    invoice = await made(acme, Noun.INVOICE, customerid=client, **told)
    if sent:
        await acme.sandbox.control.act(
            [Change(noun=Noun.INVOICE, id=invoice, body={"action_mark_as_sent": True})]
        )
    return invoice


async def due(acme: Installation, first: date, before: date) -> list[Due]:
    return [each async for each in acme.books.due(ACME, first, before)]


async def test_who_owes_by_a_day_is_listed_from_the_first_day_on_and_before_the_last() -> None:
    async with connected() as acme:
        clients = [await made(acme, Noun.CLIENT, organization=name) for name in ("A", "B", "C")]
        for client, day in zip(clients, (FIRST, SECOND, THIRD), strict=True):
            await an_invoice(acme, client, day)

        assert await due(acme, SECOND, THIRD) == [Due(clients[1], SECOND)]
        assert len(await due(acme, FIRST, THIRD)) == 2


async def test_drafts_paid_and_deleted_invoices_are_owed_by_nobody() -> None:
    async with connected() as acme:
        client = await made(acme, Noun.CLIENT, organization="A")
        await an_invoice(acme, client, FIRST, sent=False)
        paid, deleted = [await an_invoice(acme, client, FIRST) for _ in range(2)]
        amount = {"amount": "10.00", "code": "CAD"}
        await made(acme, Noun.PAYMENT, invoiceid=paid, amount=amount, date="2026-06-02", type="Cash")
        await acme.sandbox.control.act([Remove(noun=Noun.INVOICE, id=deleted)])

        assert await due(acme, FIRST, SECOND) == []
