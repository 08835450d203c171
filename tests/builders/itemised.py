"""Invoices with lines, and an org that sells by them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Command, Field, Item, Items, Lookup, SObject
from streams.domain.money import Money
from streams.domain.snapshot import Invoice, Line
from tests.builders.mappings import a_mapping
from tests.builders.records import an_invoice
from tests.builders.salesforce import KEYS, a_command, an_account, an_opportunity
from tests.builders.salesforce_org import Joined, joined_org

LINE_KEY, PRODUCT_KEY = "FreshBooks_Line_Id__c", "FreshBooks_Product_Id__c"


def itemising() -> str:
    """Return the shipped mapping with lines asked for."""
    return a_mapping().replace("# [opportunity.lines]", "[opportunity.lines]\n#", 1)


def a_line(  # noqa: PLR0913 - a test names only what it is about
    number: int = 1,
    name: str = "Design",
    quantity: str = "1",
    cost: str = "100.00",
    *,
    amount: str = "",
    taxes: tuple[tuple[str, str], ...] = (),
    currency: str = "CAD",
    description: str = "",
) -> Line:
    """Return a line; what it comes to is quantity by cost, to the cent, unless said."""
    whole = amount or str((Decimal(quantity) * Decimal(cost)).quantize(Decimal("0.01")))
    more: dict[str, Any] = {}
    for place, (tax, percent) in enumerate(taxes, 1):
        more |= {f"tax_name_{place}": tax, f"tax_percent_{place}": Decimal(percent)}
    return Line(
        id=number,
        name=name,
        description=description,
        quantity=Decimal(quantity),
        unit_cost=Money(amount=Decimal(cost), currency=currency),
        amount=Money(amount=Decimal(whole), currency=currency),
        **more,
    )


def with_lines(
    amount: str, *lines: Line, discount: str = "", number: int = 31, compounded: Sequence[bool] = ()
) -> Invoice:
    """Return an invoice of these lines; `discount` is in money and negative."""
    told: dict[str, Any] = {"lines": [{"compounded_tax": it} for it in compounded or [False] * len(lines)]}
    if discount:
        told["discount_total"] = {"amount": discount, "code": "CAD"}
    return an_invoice(number, amount=amount).model_copy(update={"lines": lines, "more": told})


def an_item(key: int | str, price: str, quantity: str = "1", product: str = "design", note: str = "") -> Item:
    return Item(
        key=f"ACC1:10:{key}",
        product=f"ACC1:{product}",
        name=product.title(),
        quantity=Decimal(quantity),
        price=Decimal(price),
        description=note,
    )


def the_lines(*items: Item, invoice: int = 10, currency: str = "USD", version: int = 1) -> Command:
    """Return the command for all lines of an invoice's Opportunity."""
    sale = Lookup(external_id_field=KEYS[SObject.OPPORTUNITY], external_id=f"ACC1:{invoice}")
    here = tuple(it.model_copy(update={"key": it.key.replace(":10:", f":{invoice}:")}) for it in items)
    fields: dict[str, Field] = {
        "Opportunity": sale,
        "OpportunityLineItems": Items(currency=currency, items=here),
    }
    return a_command(SObject.LINES, f"ACC1:{invoice}", version=version, fields=fields)


@asynccontextmanager
async def a_shop(profile: str = "prepared", sales: int = 1, **given: Any) -> AsyncIterator[Joined]:
    """An org that takes lines, with Opportunities of ours numbered from 10."""
    org = Profile.named(profile).with_(line_items=True)
    async with joined_org(org, **given) as here:
        await here.lanes.write(an_account(1))
        for number in range(10, 10 + sales):
            await here.lanes.write(an_opportunity(number))
        here.org.control.reset_counters()
        yield here


def shown(here: Joined) -> list[tuple[Any, ...]]:
    """Return the lines in the org: key, quantity, price, total, description; in order of their keys."""
    rows = here.org.control.people.rows("OpportunityLineItem")
    names = (LINE_KEY, "Quantity", "UnitPrice", "TotalPrice", "Description")
    return sorted((tuple(row.get(name) for name in names) for row in rows), key=lambda it: str(it[0]))
