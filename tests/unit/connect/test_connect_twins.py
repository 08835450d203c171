"""Two connections with the same books and the same org are one too many."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from app.connect.twins import Twin, refuse_twin, twin_finding, write_alone
from app.registry import Registry
from app.vault.access import Grants
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName
from streams.domain.message import Value
from tests.builders.vault import NOW, a_sealer
from tests.fakes.grants_view import GrantsView

ORG = "https://acme.my.salesforce.com"


def a_connection(
    name: str, account: str | None = "3xMYwR", domain: str = ORG, org: str = "", *, removed: bool = False
) -> Connection:
    known = None if account is None else AccountId(account)
    return Connection(
        name=ConnectionName(name),
        freshbooks_account_id=known,
        salesforce_domain=domain,
        salesforce_org=org,
        removed=removed,
    )


async def untold(*_: Value) -> None:
    pytest.fail("nothing is written")


def an_installation(*connections: Connection, write: Callable[..., Awaitable[None]] = untold) -> Registry:
    known = {str(each.name): each for each in connections}
    return Registry(known, Grants(GrantsView(), a_sealer()), write, lambda: NOW, os.urandom, untold)


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


@pytest.mark.parametrize(
    "same",
    [
        a_connection("again", domain=f"{ORG}:443"),
        a_connection("again", domain="https://ACME.my.salesforce.com"),
        a_connection("again", domain="https://renamed.my.salesforce.com", org="00D000000000001"),
    ],
)
def test_an_org_under_another_address_is_the_same_org(same: Connection) -> None:
    registry = an_installation(a_connection("acme", org="00D000000000001"))

    with pytest.raises(Twin, match="acme joins"):
        refuse_twin(registry, same)


def test_orgs_of_other_addresses_and_other_ids_are_two() -> None:
    sandbox = a_connection(
        "again", domain="https://acme--dev.sandbox.my.salesforce.com", org="00D000000000002"
    )

    refuse_twin(an_installation(a_connection("acme", org="00D000000000001")), sandbox)


async def test_of_two_that_become_the_same_at_once_the_one_that_sees_the_other_takes_it_back() -> None:
    before, after = a_connection("again", domain=""), a_connection("again")
    known: dict[str, Connection] = {"again": before}

    async def write(connection: Connection) -> None:
        known.update({"acme": a_connection("acme"), connection.name: connection})

    registry = replace(an_installation(before, write=write), connections=known)

    with pytest.raises(Twin, match="acme joins"):
        await write_alone(registry, before, after)

    assert known["again"] == before


async def test_what_was_set_meanwhile_stays_when_a_twin_is_taken_back() -> None:
    before = a_connection("again", domain="")
    known: dict[str, Connection] = {"again": before}

    async def write(connection: Connection) -> None:
        known.update({"acme": a_connection("acme"), connection.name: connection})
        if connection.salesforce_domain:
            known["again"] = connection.model_copy(update={"paused": True})

    registry = replace(an_installation(before, write=write), connections=known)

    with pytest.raises(Twin):
        await write_alone(registry, before, a_connection("again"))

    assert known["again"] == before.model_copy(update={"paused": True})


async def test_a_name_that_nobody_had_is_nobody_s_again_when_it_is_taken_back() -> None:
    known: dict[str, Connection] = {}

    async def write(connection: Connection) -> None:
        known.update({"acme": a_connection("acme"), connection.name: connection})

    registry = replace(an_installation(write=write), connections=known)
    before = registry.taken(ConnectionName("again"))
    after = a_connection("again")

    with pytest.raises(Twin):
        await write_alone(registry, before, after)

    assert known["again"].removed
