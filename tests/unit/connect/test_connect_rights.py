"""What a person hears who has connected FreshBooks with less than we need."""

import pytest

from app.connect.rights import hidden, wanting
from app.freshbooks.oauth import SCOPES
from tests.builders.vault import ACME


@pytest.mark.parametrize("role", ["owner", "business_partner", "business_manager", "admin", "", "new_role"])
def test_a_role_of_which_nothing_bad_is_known_is_not_warned_of(role: str) -> None:
    assert hidden(role) == ""
    assert wanting(ACME, SCOPES, role) == ()


@pytest.mark.parametrize("role", ["business_employee", "business_accountant", "contractor"])
def test_a_role_that_does_not_see_what_we_read_is_warned_of_with_the_mend(role: str) -> None:
    (found,) = wanting(ACME, SCOPES, role)

    assert "clients" in found.says
    assert found.mend == "as the owner or an admin of the business: freshforce connect freshbooks acme …"


def test_a_scope_that_the_owner_did_not_allow_is_named_at_once() -> None:
    (found,) = wanting(ACME, SCOPES[:-1], "owner")

    assert found.says == "missing: user:payments:read"


def test_scopes_that_freshbooks_does_not_name_are_no_trouble() -> None:
    assert wanting(ACME, (), "owner") == ()
