"""How sure it is that an Account is a client."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.matching.score import SURE, Existing, Wanted, signs, weigh
from streams.domain.identity import SalesforceId

ACME = Wanted("Acme Inc.", "ann@acme.example", "416-555-0142")


def an_account(number: int = 1, **its: Any) -> Existing:
    return Existing(SalesforceId(f"001{number:012d}AAA"), **its)


BY_EMAIL: dict[str, Any] = {"emails": frozenset({"ANN@acme.example"})}
BY_CONTACT: dict[str, Any] = {"contacts": frozenset({"ann@acme.example"})}
BY_NAME: dict[str, Any] = {"name": "ACME"}
BY_PHONE: dict[str, Any] = {"phone": "(416) 555-0142"}


@pytest.mark.parametrize(
    "its", [BY_EMAIL | BY_NAME, BY_CONTACT | BY_NAME, BY_NAME | BY_PHONE, BY_EMAIL | BY_PHONE]
)
def test_two_signs_make_it_sure(its: dict[str, Any]) -> None:
    weighed = weigh(ACME, [an_account(**its)])

    assert weighed.sure == an_account().id


@pytest.mark.parametrize("its", [BY_EMAIL, BY_CONTACT, BY_NAME, BY_PHONE])
def test_one_sign_alone_is_for_a_person_to_judge(its: dict[str, Any]) -> None:
    weighed = weigh(ACME, [an_account(**its)])

    assert weighed.sure is None
    assert [it.sure for it in weighed.candidates] == [False]
    assert weighed.candidates[0].score < SURE
    assert "only by" in weighed.reason


def test_the_same_address_twice_is_one_sign() -> None:
    assert weigh(ACME, [an_account(**BY_EMAIL, **BY_CONTACT)]).sure is None


def test_the_reasons_are_said_in_words() -> None:
    assert weigh(ACME, [an_account(**BY_EMAIL, **BY_NAME)]).reason == "same e-mail, same name"


def test_two_that_are_as_sure_are_for_a_person() -> None:
    weighed = weigh(ACME, [an_account(1, **BY_EMAIL, **BY_NAME), an_account(2, **BY_EMAIL, **BY_NAME)])

    assert weighed.sure is None
    assert weighed.reason == "2 Accounts are like it"


def test_one_that_is_like_it_in_fewer_of_the_same_ways_does_not_make_it_less_sure() -> None:
    weighed = weigh(ACME, [an_account(1, **BY_NAME), an_account(2, **BY_EMAIL, **BY_NAME)])

    assert weighed.sure == an_account(2).id


def test_one_that_is_like_it_in_another_way_makes_it_unsure() -> None:
    weighed = weigh(ACME, [an_account(1, **BY_NAME), an_account(2, **BY_EMAIL, **BY_PHONE)])

    assert weighed.sure is None


def test_an_account_of_another_client_is_no_candidate() -> None:
    assert weigh(ACME, [an_account(**BY_EMAIL, **BY_NAME, holder="p7rQW5:9")]).candidates == ()


def test_nothing_in_common_is_nothing() -> None:
    weighed = weigh(Wanted("", "", ""), [an_account(), an_account(2, name="Acme")])

    assert (weighed.candidates, weighed.sure, weighed.reason) == ((), None, "no Account is like it")


NAMES = st.sampled_from(["Acme", "ACME Inc.", "Böhm", "Bohm AG", ""])
EMAILS = st.sampled_from(["a@acme.example", "A@acme.example", "b@acme.example", ""])
PHONES = st.sampled_from(["416-555-0142", "+1 (416) 555-0142", "555", ""])
WANTED = st.builds(Wanted, NAMES, EMAILS, PHONES)
ACCOUNTS = st.builds(
    Existing,
    id=st.integers(0, 5).map(lambda it: SalesforceId(f"001{it:012d}AAA")),
    name=NAMES,
    emails=st.frozensets(EMAILS, max_size=2),
    contacts=st.frozensets(EMAILS, max_size=2),
    phone=PHONES,
)


@given(
    WANTED,
    st.lists(ACCOUNTS, max_size=6, unique_by=lambda it: it.id),
    st.randoms(),
)
def test_the_order_of_the_candidates_does_not_matter(
    wanted: Wanted, accounts: list[Existing], chance: Any
) -> None:
    mixed = [*accounts]
    chance.shuffle(mixed)

    assert weigh(wanted, accounts) == weigh(wanted, mixed)


@given(WANTED, WANTED)
def test_what_speaks_for_one_speaks_for_the_other(one: Wanted, other: Wanted) -> None:
    def as_account(its: Wanted) -> Existing:
        return an_account(name=its.name, emails=frozenset({its.email}), phone=its.phone)

    assert signs(one, as_account(other)) == signs(other, as_account(one))
