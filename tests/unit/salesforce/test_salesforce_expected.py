from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.reads.expected import LATER, OVERDUE, Expectation, Source, by_month

TODAY = date(2026, 11, 22)
AMOUNTS = st.decimals("0.01", "999999.99", places=2)
EXPECTATIONS = st.builds(
    Expectation,
    st.sampled_from(Source),
    st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=900)),
    st.sampled_from(["", "CAD", "USD"]),
    AMOUNTS,
)


def one(day: date, months: int = 12) -> str:
    return by_month([Expectation(Source.INVOICE, day, "USD", Decimal(1))], TODAY, months)[0].month


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 11, 21), OVERDUE),
        (date(2026, 11, 22), "2026-11"),
        (date(2027, 10, 31), "2027-10"),
        (date(2027, 11, 1), LATER),
    ],
)
def test_a_day_falls_into_its_month(day: date, month: str) -> None:
    assert one(day) == month


def test_what_is_overdue_comes_first_and_what_is_later_last() -> None:
    days = (date(2030, 1, 1), date(2027, 1, 1), date(2026, 12, 1), date(2026, 1, 1))

    rows = by_month([Expectation(Source.INVOICE, day, "USD", Decimal(1)) for day in days], TODAY, 12)

    assert [row.month for row in rows] == [OVERDUE, "2026-12", "2027-01", LATER]


@given(st.lists(EXPECTATIONS), st.integers(1, 60))
def test_nothing_is_lost_and_no_currency_meets_another(found: list[Expectation], months: int) -> None:
    rows = by_month(found, TODAY, months)

    for currency in ("", "CAD", "USD"):
        for source, shown in ((Source.INVOICE, "invoices"), (Source.PIPELINE, "pipeline")):
            mine = [each.amount for each in found if (each.currency, each.source) == (currency, source)]
            held = [getattr(row, shown) for row in rows if row.currency == currency]
            assert sum(held, Decimal(0)) == sum(mine, Decimal(0))
    assert sum(row.invoice_count + row.pipeline_count for row in rows) == len(found)
