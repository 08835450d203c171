"""An invoice as lines: each at its invoiced price, and together the invoice's very amount."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.freshbooks.lines import discount_on, lines_of, total
from streams.domain.command import Items, SObject
from streams.domain.snapshot import Invoice
from streams.domain.version import Version
from streams.ledger.facts import InvoiceFacts
from streams.ledger.itemised import Itemised
from streams.mapping.items import items
from streams.mapping.items import total as sum_of
from streams.mapping.row import BY_OPPORTUNITY, ITEMS, Row, Treat, content
from tests.builders.itemised import a_line, with_lines


def itemised(invoice: Invoice) -> Items:
    assert invoice.lines is not None
    told = Itemised.read(Itemised.of(Version("1"), invoice, invoice.lines).written())
    return items("p7rQW5", "p7rQW5:31", InvoiceFacts.of(Version("1"), invoice), told)


def seen(invoice: Invoice) -> list[tuple[str, str, str, str]]:
    return [(it.name, f"{it.quantity}", f"{it.price:f}", it.description) for it in itemised(invoice).items]


def test_each_line_has_its_quantity_and_price_as_invoiced() -> None:
    invoice = with_lines(
        "130.00", a_line(1, "Design", "3", "40.00", description="Walls"), a_line(2, cost="10.00")
    )

    assert seen(invoice) == [("Design", "3", "40.00", "Walls"), ("Design", "1", "10.00", "")]
    assert [it.key for it in itemised(invoice).items] == ["p7rQW5:31:1", "p7rQW5:31:2"]


@pytest.mark.parametrize(
    ("quantity", "cost", "amount", "says"),
    [
        ("3.125", "40.00", "125.00", "3.125 at 40.00"),
        ("1.25", "33.33", "41.66", "1.25 at 33.33"),
        ("2", "0.125", "0.25", "2 at 0.125"),
        ("0", "40.00", "0.00", "0 at 40.00"),
    ],
)
def test_what_two_decimals_cannot_hold_is_one_at_the_whole_amount_and_says_so(
    quantity: str, cost: str, amount: str, says: str
) -> None:
    line = a_line(1, "Design", quantity, cost, amount=amount, description="Walls")

    assert seen(with_lines(amount, line)) == [("Design", "1", amount, f"{says} · Walls")]


def test_discount_and_each_tax_are_lines_of_their_own() -> None:
    taxed = a_line(1, "Design", "1", "100.00", taxes=(("GST", "5"), ("PST", "8")))
    invoice = with_lines("101.70", taxed, a_line(2, "Books", "1", "0.00"), discount="-10.00")

    assert seen(invoice)[2:] == [
        ("Discount", "1", "-10.00", ""),
        ("GST 5%", "1", "4.50", ""),
        ("PST 8%", "1", "7.20", ""),
    ]


def test_a_second_tax_may_be_one_on_the_first() -> None:
    taxed = a_line(1, "Design", "1", "100.00", taxes=(("GST", "5"), ("PST", "10")))

    invoice = with_lines("115.50", taxed, compounded=[True])

    assert [line[:3] for line in seen(invoice)][1:] == [("GST 5%", "1", "5.00"), ("PST 10%", "1", "10.50")]


def test_a_cent_that_rounding_leaves_over_is_a_line_and_more_than_that_is_called_otherwise() -> None:
    line = a_line(1, "Design", "1", "99.99")

    assert seen(with_lines("100.00", line))[1:] == [("Rounding", "1", "0.01", "")]
    assert seen(with_lines("150.00", line))[1:] == [("Not itemised", "1", "50.01", "")]


def test_an_invoice_without_lines_is_one_of_its_amount() -> None:
    assert seen(with_lines("0.00")) == [("Not itemised", "1", "0.00", "")]


def test_the_same_item_is_one_product_however_it_is_written() -> None:
    lines = (a_line(1, "Web  design"), a_line(2, " web DESIGN "), a_line(3, "Webdesign"), a_line(4, ""))
    found = itemised(with_lines("400.00", *lines)).items

    assert found[0].product == found[1].product != found[2].product
    assert found[3].name == "Service"
    assert all(len(it.product) <= 64 for it in found)


percents = st.sampled_from(["0", "5", "9.975", "13", "19", "8.875"])
bodies = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Design", "Paint", ""]),
            "qty": st.decimals(0, 99, places=3).map(str),
            "unit_cost": st.decimals(-50, 999, places=2).map(str),
            "taxName1": st.just("GST"),
            "taxAmount1": percents,
            "taxName2": st.just("PST"),
            "taxAmount2": percents,
            "compounded_tax": st.booleans(),
        }
    ),
    max_size=8,
)


@given(bodies, st.sampled_from(["0", "10", "12.5", "100"]))
def test_the_lines_come_to_what_freshbooks_says_and_rounding_is_a_matter_of_cents(
    sold: list[dict[str, Any]], percent: str
) -> None:
    theirs = lines_of(sold, "invoice")
    amount, discount = total(theirs, Decimal(percent)), discount_on(theirs, Decimal(percent))
    lines = [
        a_line(
            number,
            it.name,
            f"{it.qty:f}",
            f"{it.unit_cost:f}",
            taxes=((it.tax_name_1, f"{it.tax_1:f}"), (it.tax_name_2, f"{it.tax_2:f}")),
        )
        for number, it in enumerate(theirs, 1)
    ]
    compounded = [it.compounded for it in theirs]

    invoice = with_lines(f"{amount:f}", *lines, discount=f"{discount:f}", compounded=compounded)
    found = itemised(invoice).items

    assert sum_of(found) == amount
    assert len({it.key for it in found}) == len(found)
    rest = [it.price for it in found if it.name in {"Rounding", "Not itemised"}]
    whole = sum((line.amount.amount for line in lines), Decimal(0))
    if whole > 1 and percent != "100":
        assert all(abs(it) <= Decimal("0.02") * (len(lines) + 6) for it in rest)


def test_lines_in_a_foreign_currency_have_another_hash_once_the_rule_for_those_has_changed() -> None:
    its = itemised(with_lines("10.00", a_line(1, cost="10.00")))
    row = Row(SObject.LINES, BY_OPPORTUNITY, "p7rQW5:31", {ITEMS: its})
    abroad, at_home = (
        {content(row, Treat(own, rule)) for rule in ("leave_out", "write")} for own in ("USD", its.currency)
    )

    assert (len(abroad), len(at_home)) == (2, 1)
