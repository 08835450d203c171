"""Two connections with the same books and the same org are one too many."""

import os

import pytest

from app.connect.twins import Twin, refuse_twin, twin_finding
from app.registry import Registry
from app.vault.access import Grants
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName
from streams.domain.message import Value
from tests.builders.vault import NOW, a_sealer
from tests.fakes.grants_view import GrantsView

ORG = "https://acme.my.salesforce.com"


def a_connection(
    name: str, account: str | None = "3xMYwR", domain: str = ORG, *, removed: bool = False
) -> Connection:
    known = None if account is None else AccountId(account)
    return Connection(
        name=ConnectionName(name), freshbooks_account_id=known, salesforce_domain=domain, removed=removed
    )


def an_installation(*connections: Connection) -> Registry:
    async def untold(*_: Value) -> None:
        pytest.fail("nothing is written")

    known = {str(each.name): each for each in connections}
    return Registry(known, Grants(GrantsView(), a_sealer()), untold, lambda: NOW, os.urandom, untold)


def test_a_connection_does_not_become_what_another_one_is_already() -> None:
    registry = an_installation(a_connection("acme"), a_connection("again", domain=""))

    with pytest.raises(Twin, match="acme joins FreshBooks account 3xMYwR to the same org") as refused:
        refuse_twin(registry, a_connection("again"))

    assert "connections remove" in refused.value.mend


@pytest.mark.parametrize(
    "other",
    [
        a_connection("again", account="other"),
        a_connection("again", domain="https://other.my.salesforce.com"),
        a_connection("again", account=None),
        a_connection("acme"),
    ],
)
def test_a_connection_may_share_the_books_or_the_org_but_not_both(other: Connection) -> None:
    refuse_twin(an_installation(a_connection("acme")), other)


def test_a_removed_connection_stands_in_nobody_s_way() -> None:
    refuse_twin(an_installation(a_connection("acme", removed=True)), a_connection("again"))


def test_twins_that_are_there_already_may_consent_anew_and_ping_names_them() -> None:
    registry = an_installation(a_connection("acme"), a_connection("again"))

    refuse_twin(registry, a_connection("again"))

    (finding,) = twin_finding(registry, a_connection("again"))
    assert (finding.well, "acme writes the same rows" in finding.says) == (False, True)
    assert twin_finding(registry, a_connection("alone", account="other")) == []
