"""Money per currency: exact, never converted, never added across currencies."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.reconcile.money import Sums, of_texts, plain, together
from app.reconcile.seen import seen
from streams.domain.snapshot import Invoice, Visibility
from tests.builders.records import MORNING, an_invoice

DAY = date(2026, 11, 30)


def owed(invoice: Invoice, day: date = DAY) -> dict[str, dict[str, str]]:
    its = seen(invoice, "", MORNING, 7).owed
    return plain(its.on(day)) if its else {}


def test_an_invoice_is_overdue_from_the_day_after_it_was_due() -> None:
    invoice = an_invoice(amount="100.00", paid="40.00", due_on=date(2026, 11, 30))

    assert owed(invoice)["CAD"] == {"outstanding": "60.00", "paid": "40.00", "overdue": "0"}
    assert owed(invoice, date(2026, 12, 1))["CAD"]["overdue"] == "60.00"


def test_drafts_and_deleted_invoices_count_for_nothing() -> None:
    assert owed(an_invoice(status="draft")) == {}
    assert owed(an_invoice(visibility=Visibility.DELETED)) == {}


def test_an_account_s_text_is_read_as_it_is_written() -> None:
    found = of_texts("CAD 21.94; USD -800.00", "EUR 0.005", None)

    assert found == {
        "CAD": Sums(outstanding=Decimal("21.94")),
        "EUR": Sums(paid=Decimal("0.005")),
        "USD": Sums(outstanding=Decimal("-800.00")),
    }
    assert of_texts(None, "", None) == {}


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=8)


@given(st.lists(st.tuples(st.sampled_from(["CAD", "USD"]), AMOUNTS)))
def test_no_digit_is_lost_and_no_two_currencies_meet(amounts: list[tuple[str, Decimal]]) -> None:
    found = together({currency: Sums(paid=amount)} for currency, amount in amounts)

    for currency in ("CAD", "USD"):
        wanted = sum(Fraction(amount) for its, amount in amounts if its == currency)
        assert Fraction(found.get(currency, Sums()).paid) == wanted
