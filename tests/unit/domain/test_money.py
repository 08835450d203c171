from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import codec
from streams.domain.errors import Undecodable
from streams.domain.money import Money

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**30), max_value=10**30)


def read(amount: str) -> Money:
    return codec.decode(Money, f'{{"amount":{amount},"currency":"CAD"}}'.encode())


@given(AMOUNTS)
def test_an_amount_comes_back_to_the_last_digit(amount: Decimal) -> None:
    money = Money(amount=amount, currency="CAD")

    again = codec.decode(Money, codec.encode(money))

    assert again.amount.as_tuple() == amount.as_tuple()


@pytest.mark.parametrize(
    ("amount", "written"),
    [("1E+3", "1000"), ("0E-9", "0.000000000"), ("1E-7", "0.0000001"), ("-0", "-0"), ("12.50", "12.50")],
)
def test_an_amount_is_written_without_exponent_and_as_exact_as_it_was(amount: str, written: str) -> None:
    money = Money(amount=Decimal(amount), currency="CAD")

    assert codec.encode(money) == f'{{"amount":"{written}","currency":"CAD"}}'.encode()


def test_freshbooks_longest_recorded_amount_fits() -> None:
    assert read('"123456789012345678.123456789"').amount == Decimal("123456789012345678.123456789")


@pytest.mark.parametrize(
    "amount",
    [
        *("12.5", "1", "true", "null", '""', '"."', '"1."', '".5"', '"+1"', '"--1"', '" 1"', '"01"'),
        *('"1e400"', '"1e5"', '"NaN"', '"Infinity"', '"1_0"', '"1,0"', '"\\u0661"', '"1\\n"'),
        *(f'"{"9" * 41}"', f'"0.{"1" * 41}"'),
    ],
)
def test_anything_but_plain_decimal_text_is_refused(amount: str) -> None:
    with pytest.raises(Undecodable, match=r"^not a valid Money \(amount: \w+\)$"):
        read(amount)


@pytest.mark.parametrize("amount", [1.5, 1, True, None, b"1"])
def test_no_float_becomes_money_in_our_own_code(amount: object) -> None:
    with pytest.raises(ValueError, match="as text"):
        Money.model_validate({"amount": amount, "currency": "CAD"})


@pytest.mark.parametrize("currency", ["cad", "CA", "CADD", "", "C4D", "\u20ac"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(amount=Decimal(1), currency=currency)
