from typing import Any

import pytest

from app.connect.accounts import Candidate, NoAccount, candidates, shortlist
from streams.domain.identity import AccountId


def membership(account: str | None, role: str = "owner", name: str = "Nordwind") -> dict[str, Any]:
    return {"id": 1, "role": role, "business": {"id": 2, "name": name, "account_id": account}}


def role(account: str, name: str = "admin") -> dict[str, Any]:
    return {"id": 3, "role": name, "accountid": account}


def ids(me: dict[str, Any]) -> list[str]:
    return [each.account for each in candidates(me)]


def test_an_account_in_both_lists_is_one_and_has_its_business() -> None:
    (found,) = candidates({"business_memberships": [membership("a1")], "roles": [role("a1")]})

    assert found == Candidate(AccountId("a1"), "Nordwind", "owner")


def test_a_membership_without_account_leaves_it_to_the_roles() -> None:
    assert ids({"business_memberships": [membership(None)], "roles": [role("a1")]}) == ["a1"]


def test_being_somebodys_client_is_no_account_of_ours() -> None:
    me = {"business_memberships": [membership(None)], "roles": [role("theirs", "client")]}

    with pytest.raises(NoAccount):
        shortlist("", candidates(me))


@pytest.mark.parametrize("me", [{}, {"roles": None, "business_memberships": "x"}, {"roles": [None, 1]}])
def test_an_answer_without_accounts_has_none(me: dict[str, Any]) -> None:
    assert candidates(me) == ()


def test_the_only_account_needs_no_question() -> None:
    found = candidates({"roles": [role("a1")]})

    assert shortlist("", found) == found


def test_of_several_a_person_says_which() -> None:
    found = candidates({"business_memberships": [membership("a1"), membership("a2")]})

    assert shortlist("", found) == found
    assert shortlist("a1", found) == found[:1]


def test_an_account_that_is_not_there_is_named_with_those_that_are() -> None:
    found = candidates({"roles": [role("a1")]})

    with pytest.raises(NoAccount, match="a9; there are a1"):
        shortlist("a9", found)
