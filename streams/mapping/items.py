"""An invoice as lines of an Opportunity: what was sold, the discount, each tax; together its very amount."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from streams.domain.command import Item, Items
from streams.domain.identity import digest
from streams.domain.made import made
from streams.ledger.amounts import EXACT
from streams.ledger.facts import InvoiceFacts
from streams.ledger.itemised import Itemised, LineFacts

CENT: Final = Decimal("0.01")
ONE: Final = Decimal(1)
UNNAMED: Final = "Service"
"""What a line is of that names nothing; FreshBooks asks for no name."""
DISCOUNT, ROUNDING, REST = "Discount", "Rounding", "Not itemised"
"""What the product of such a line is called. The last: FreshBooks' own lines do not add up to its invoice."""

_SHARES: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_HUNDRED: Final = Decimal(100)
_NAME: Final = 200
"""Characters of a product's name; Salesforce takes 255 of its own."""


def items(account: str, sale: str, invoice: InvoiceFacts, told: Itemised) -> Items:
    """Return the lines of the Opportunity `sale`: FreshBooks' own at the invoiced price, then the rest.

    The sum is the invoice's amount to the last cent. What rounding leaves over is a line of its own.
    """
    found = [_sold(account, sale, line) for line in told.lines]
    discount = Decimal(told.discount or 0)
    if discount:
        found.append(_extra(account, sale, "discount", DISCOUNT, discount))
    for name, percent, amount in _taxes(told.lines, discount):
        found.append(_extra(account, sale, f"tax-{digest(name, percent)[:12]}", f"{name} {percent}%", amount))
    left = EXACT.subtract(Decimal(invoice.amount), total(found))
    if left or not found:
        small = abs(left) <= CENT * (2 * len(found) + 1)
        found.append(_extra(account, sale, "rounding", ROUNDING if small and found else REST, left))
    return made(Items, currency=invoice.currency, items=tuple(found))


def total(found: Iterable[Item]) -> Decimal:
    """Return what lines come to."""
    amount = Decimal(0)
    for it in found:
        amount = EXACT.add(amount, EXACT.multiply(it.quantity, it.price))
    return amount


def _sold(account: str, sale: str, line: LineFacts) -> Item:
    quantity, price, said = _priced(line)
    name = line.name.strip() or UNNAMED
    description = " · ".join(filter(None, (said, line.description.strip())))
    return made(
        Item,
        key=f"{sale}:{line.id}",
        product=_product(account, "item", name),
        name=name[:_NAME],
        quantity=quantity,
        price=price,
        description=description,
    )


def _priced(line: LineFacts) -> tuple[Decimal, Decimal, str]:
    """Return quantity and price that Salesforce can hold and that make the line's very amount.

    Both have two decimals there. Where that rounds anything, it is one at the whole amount, which says so.
    """
    quantity, price, amount = Decimal(line.quantity), Decimal(line.unit_cost), Decimal(line.amount)
    fits = quantity and _in_cents(quantity) and _in_cents(price) and EXACT.multiply(quantity, price) == amount
    return (quantity, price, "") if fits else (ONE, amount, f"{line.quantity} at {line.unit_cost}")


def _in_cents(value: Decimal) -> bool:
    return value == value.quantize(CENT, context=_SHARES)


def _taxes(lines: Iterable[LineFacts], discount: Decimal) -> Iterator[tuple[str, str, Decimal]]:
    """Yield name, percentage and amount of each tax, in the order in which the lines name them."""
    whole = sum((Decimal(line.amount) for line in lines), Decimal(0))
    keep = _SHARES.divide(whole + discount, whole) if whole else ONE
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        taxed, first = (
            _SHARES.multiply(Decimal(line.amount), keep),
            Decimal(line.tax_percent_1 or 0) / _HUNDRED,
        )
        on_first = 1 + first if line.compounded else ONE
        second = Decimal(line.tax_percent_2 or 0) / _HUNDRED * on_first
        named = (line.tax_name_1, line.tax_percent_1, first), (line.tax_name_2, line.tax_percent_2, second)
        for name, percent, share in named:
            if share:
                key = name.strip() or "Tax", f"{Decimal(percent).normalize():f}"
                sums[key] = sums.get(key, Decimal(0)) + _SHARES.multiply(taxed, share)
    for (name, percent), amount in sums.items():
        if rounded := amount.quantize(CENT, context=_SHARES):
            yield name, percent, rounded


def _extra(account: str, sale: str, key: str, name: str, amount: Decimal) -> Item:
    return made(
        Item,
        key=f"{sale}:{key}",
        product=_product(account, key.partition("-")[0], name),
        name=name[:_NAME],
        quantity=ONE,
        price=amount,
    )


def _product(account: str, sort: str, name: str) -> str:
    """Return the external id of the product of that name, however it is spelled in capitals or blanks."""
    return f"{account}:{digest(sort, ' '.join(name.casefold().split()))[:24]}"
