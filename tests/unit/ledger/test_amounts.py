"""One spelling for each amount, and no rounding anywhere."""

from decimal import Decimal, Inexact

import pytest

from streams.domain.money import ZERO
from streams.ledger.amounts import EXACT, plain
from streams.ledger.count import Count, recount
from streams.ledger.head import Head, shift
from streams.ledger.shelf import Shelf


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0.000", "0.00"),
        ("5", "5.00"),
        ("5.0", "5.00"),
        ("5.10", "5.10"),
        ("5.125", "5.125"),
        ("1E+3", "1000.00"),
        ("-7.6013352408202193609918930", "-7.601335240820219360991893"),
    ],
)
def test_an_amount_has_one_spelling(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


def test_a_sum_keeps_every_digit() -> None:
    totals: dict[str, str] = {}

    shift(totals, "CAD", Decimal("1" + "0" * 39))
    shift(totals, "CAD", Decimal("1E-39"))

    assert totals == {"CAD": "1" + "0" * 39 + "." + "0" * 38 + "1"}


def test_an_invoice_that_changes_its_currency_takes_every_digit_along() -> None:
    shelf, head = Shelf({}, b"acme:7", b""), Head()
    long = Decimal("1234567890123456789012345678901234.56")
    was, is_ = Count("CAD", long, ZERO, "0042", ""), Count("USD", long, ZERO, "0042", "")

    recount(shelf, head, 42, None, was)
    recount(shelf, head, 42, was, is_)

    assert head.outstanding == {"USD": str(long)}


def test_a_total_of_nothing_is_not_kept() -> None:
    totals = {"CAD": "12.50"}

    shift(totals, "CAD", Decimal("-12.5"))

    assert totals == {}


def test_a_sum_that_would_be_rounded_is_an_error() -> None:
    with pytest.raises(Inexact):
        EXACT.add(Decimal("1E+100"), Decimal("1E-39"))
