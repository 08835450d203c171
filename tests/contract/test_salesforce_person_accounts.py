"""Clients without an organization as person accounts, in an org that has them. Over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.mapping.check import Finding, checked
from app.salesforce.care.people import NO_PERSONS
from app.salesforce.checkup import checkup
from streams.domain.command import Field, Lookup, SObject
from streams.mapping.reading import default_text
from streams.mapping.rules import Rules
from streams.ports import Applied
from tests.builders.matching import a_client, matched_org
from tests.builders.records import A_CONNECTION
from tests.builders.salesforce import ACME, KEYS, a_command, an_account
from tests.builders.salesforce_org import Joined, joined_org

KEY = KEYS[SObject.ACCOUNT]
WITH_PERSONS = default_text() + '\n[person_account.fields]\nLastName = "client.contact_last_name"\n'


@pytest.fixture
async def here() -> AsyncIterator[Joined]:
    async with joined_org("person-accounts") as joined:
        yield joined


async def writes(here: Joined, fields: dict[str, Field], version: int = 1) -> Applied:
    """Let the books say this of the Account of client 1."""
    command = an_account(1, version=version)
    answer = await here.lanes.write(command.model_copy(update={"fields": fields}))
    assert isinstance(answer, Applied)
    return answer


async def contacts(here: Joined, version: int = 1) -> Applied:
    """Let the books say that client 1 has a Contact."""
    fields: dict[str, Field] = {
        "LastName": "Lee",
        "Account": Lookup(external_id_field=KEY, external_id="ACC1:1"),
    }
    command = a_command(SObject.CONTACT, external_id="ACC1:1", client=1, version=version, fields=fields)
    answer = await here.lanes.write(command)
    assert isinstance(answer, Applied)
    return answer


def account(here: Joined) -> dict[str, Any]:
    return here.row("Account", KEY, "ACC1:1")


PERSON: dict[str, Field] = {"Name": "Ann Lee", "FirstName": "Ann", "LastName": "Lee", "Phone": "1"}
COMPANY: dict[str, Field] = {"Name": "Maple & Sons"}


async def test_a_person_becomes_a_person_account_and_stays_one_through_every_change(here: Joined) -> None:
    made = await writes(here, PERSON)
    again = await writes(here, PERSON | {"Name": "Ann Ray", "LastName": "Ray"}, 2)

    assert (made.created, made.notes, again.notes) == (True, (), ())
    assert (account(here)["IsPersonAccount"], account(here)["Name"]) == (True, "Ann Ray")


async def test_a_company_becomes_a_business_account_with_a_contact(here: Joined) -> None:
    await writes(here, COMPANY)
    contact = await contacts(here)

    assert account(here)["IsPersonAccount"] is False
    assert contact.created
    assert here.row("Contact", KEYS[SObject.CONTACT], "ACC1:1")["AccountId"] == account(here)["Id"]


async def test_a_business_account_gets_nothing_of_a_persons_when_its_client_loses_the_organization(
    here: Joined,
) -> None:
    await writes(here, COMPANY)

    for version in (2, 3):
        answer = await writes(here, PERSON | {"Phone": str(version)}, version)
        assert answer.notes == ("FirstName, LastName: left out, the Account is no person account",)

    assert (account(here)["Name"], account(here)["Phone"]) == ("Ann Lee", "3")
    assert account(here).get("LastName") is None


async def test_a_person_account_gets_no_name_and_no_contact_when_its_client_gains_an_organization(
    here: Joined,
) -> None:
    await writes(here, PERSON)
    here.lanes.forget()  # as a new worker would

    answer = await writes(here, COMPANY | {"Phone": "2"}, 2)
    contact = await contacts(here, 2)

    assert answer.notes == ("Name: left to the person account, which makes it of first and last name",)
    assert (account(here)["Name"], account(here)["Phone"]) == ("Ann Lee", "2")
    assert contact == Applied(
        account(here)["PersonContactId"],
        created=False,
        notes=("Contact: left to its Account, which is a person account",),
    )
    assert len(here.org.control.people.rows("Contact")) == 1


async def test_an_account_that_became_another_one_meanwhile_is_looked_at_again(here: Joined) -> None:
    people = here.org.control.people
    await writes(here, COMPANY)
    await contacts(here)
    people.edit("Account", account(here)["Id"], {KEY: None})
    people.insert("Account", {"LastName": "Lee", KEY: "ACC1:1"})

    await writes(here, COMPANY | {"Phone": "2"}, 2)
    contact = await contacts(here, 2)

    assert (account(here)["Name"], account(here)["Phone"]) == ("Lee", "2")
    assert contact.salesforce_id == account(here)["PersonContactId"]


async def test_a_person_account_that_a_client_was_linked_to_goes_on_as_one() -> None:
    async with matched_org(profile="person-accounts") as it:
        old = it.plant(FirstName="Ann", LastName="Lee", FreshBooks_Email__c="ann@example.com")

        await it.matching.introduce(a_client(1, "Ann Lee", "ann@example.com"))
        answer = await writes(it.here, COMPANY | {"Phone": "2"}, 2)
        contact = await contacts(it.here, 2)

        assert (it.accounts, answer.salesforce_id) == ({old: "ACC1:1"}, old)
        assert (account(it.here)["Name"], account(it.here)["Phone"]) == ("Ann Lee", "2")
        assert contact.salesforce_id == account(it.here)["PersonContactId"]


async def test_an_org_without_person_accounts_takes_a_person_as_a_business_account() -> None:
    async with joined_org() as plain:
        await writes(plain, PERSON)

        assert account(plain)["Name"] == "Ann Lee"


@pytest.mark.parametrize(("profile", "well"), [("prepared", False), ("person-accounts", True)])
async def test_check_and_ping_say_when_the_mapping_wants_person_accounts_that_the_org_lacks(
    profile: str, *, well: bool
) -> None:
    rules = Rules.of(A_CONNECTION.model_copy(update={"mapping": WITH_PERSONS}))
    async with joined_org(profile, mapping=WITH_PERSONS) as joined:
        client = joined.lanes.client(ACME)
        said: list[Finding] = [
            it async for each in checked(rules, client) for it in each.findings if it.stops
        ]
        pinged = [it async for it in checkup(client) if it.what == "Salesforce person accounts"]

    assert [(it.key, it.says) for it in said] == ([] if well else [("person_account", NO_PERSONS)])
    assert [it.well for it in pinged] == [well]


async def test_ping_says_nothing_of_person_accounts_that_no_mapping_wants() -> None:
    async with joined_org() as plain:
        found = [it.what async for it in checkup(plain.lanes.client(ACME))]

    assert "Salesforce person accounts" not in found
