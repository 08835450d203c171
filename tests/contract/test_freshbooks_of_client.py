"""The PO numbers of one client's invoices, from FreshBooks' list over HTTP."""

from app.freshbooks.client import Carrying
from app.sandbox.freshbooks.acts import Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from streams.domain.identity import ClientId
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME

LINE = {"name": "Bowls", "qty": "1", "unit_cost": {"amount": "10.00", "code": "CAD"}}


async def made(acme: Installation, noun: Noun, **body: object) -> int:
    (object_id,) = await acme.sandbox.control.act([Create(noun=noun, body=body)])
    return object_id


async def an_invoice(acme: Installation, client: int, **more: object) -> int:
    told = {"customerid": client, "create_date": "2026-06-01", "currency_code": "CAD", "lines": [LINE]}
    return await made(acme, Noun.INVOICE, **told, **more)


async def test_a_client_s_invoices_are_listed_with_their_po_numbers_but_no_deleted_ones() -> None:
    async with connected() as acme:
        one, other = [await made(acme, Noun.CLIENT, organization=name) for name in ("A", "B")]
        bare, numbered = await an_invoice(acme, one), await an_invoice(acme, one, po_number="PO-7")
        await an_invoice(acme, other, po_number="PO-7")
        deleted = await an_invoice(acme, one, po_number="PO-8")
        await acme.sandbox.control.act([Remove(noun=Noun.INVOICE, id=deleted)])

        found = [each async for each in acme.books.of_client(ACME, ClientId(one))]

        assert found == [Carrying(numbered, "PO-7"), Carrying(bare, "")]
