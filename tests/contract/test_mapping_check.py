"""A mapping held against an org over real HTTP: what will not work is found before a row is refused."""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.mapping.check import Checked, Finding, checked
from app.mapping.stages import stage_findings
from app.salesforce.care.stages import org_stages
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Figure, SObject, Stage
from streams.domain.connection import Stages
from streams.mapping.reading import default_text
from streams.mapping.rules import Rules
from tests.builders.itemised import itemising
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION
from tests.builders.salesforce import ACME, a_field, described
from tests.builders.salesforce_org import joined_org

PREPARED = Profile.named("prepared")


async def told(text: str = "", profile: Profile = PREPARED, **settings: Any) -> dict[SObject, Checked]:
    rules = Rules.of(A_CONNECTION.model_copy(update={"mapping": text, **settings}))
    async with joined_org(profile) as joined:
        return {each.sobject: each async for each in checked(rules, joined.lanes.client(ACME))}


async def account_findings(line: str, profile: Profile = PREPARED) -> list[Finding]:
    found = await told(a_mapping(account=line), profile)
    return [*found[SObject.ACCOUNT].findings]


async def test_the_shipped_mapping_fits_an_org_that_was_prepared() -> None:
    found = await told()

    stops = [each for it in found.values() for each in it.findings if each.stops]
    assert stops == []
    assert [each.key for each in found[SObject.INVOICE].findings] == ["invoice"], (
        "it has no Invoices, and needs none"
    )
    assert found[SObject.ACCOUNT].example.sent["Name"] == "Maple & Sons"
    assert found[SObject.CONTACT].example.sent["LastName"] == "Lee"
    assert found[SObject.OPPORTUNITY].example.sent["StageName"] == Stage(
        phase="invoiced", name="Negotiation/Review"
    )


async def test_a_persons_account_is_shown_apart_and_held_against_the_org_with_a_persons_values() -> None:
    text = default_text() + '\n[person_account.fields]\nLastName = "client.contact_last_name"\n'
    text += 'AccountSource = "client.contact_last_name"\n'
    profile = Profile.named("person-accounts").with_(restricted={"Account.AccountSource"})
    rules = Rules.of(A_CONNECTION.model_copy(update={"mapping": text}))

    async with joined_org(profile) as joined:
        found = {each.called: each async for each in checked(rules, joined.lanes.client(ACME))}

    assert "LastName" not in found["Account"].example.sent
    assert found["Account of a person"].example.sent["LastName"] == "Lee"
    assert [it.key for it in found["Account of a person"].findings] == ["person_account.fields.AccountSource"]


async def test_a_field_of_ours_that_is_hidden_is_set_up_and_not_taken_for_another_one() -> None:
    found = await told(profile=PREPARED.with_(hidden={"Opportunity.FreshBooks_Due_Date__c"}))

    (finding,) = found[SObject.OPPORTUNITY].findings
    assert finding.key == "opportunity.fields.FreshBooks_Due_Date__c"
    assert finding.mend == "freshforce setup salesforce NAME"


async def test_an_org_that_nobody_prepared_lacks_our_fields_and_keys() -> None:
    found = await told(profile=Profile.named("plain"))

    keys = [each.key for each in found[SObject.OPPORTUNITY].findings]
    assert keys[0] == "opportunity"
    assert "opportunity.fields.FreshBooks_Outstanding__c" in keys
    assert "freshforce setup salesforce" in found[SObject.OPPORTUNITY].findings[0].mend


@pytest.mark.parametrize(
    ("line", "says", "mend", "stops"),
    [
        ('Region__c = "client.id"', "the org has no such field", "or leave it out", True),
        ('Industri = "client.id"', "the org has no such field", "did you mean Industry?", True),
        ('NumberOfEmployees = "client.id"', "is of type int, but gets text", "another field", True),
        ('Site = "sums.open_count"', "is of type string, but gets number", "another field", True),
        ("NumberOfEmployees = 1.5", "takes whole numbers only", "round(0)", True),
        ("NumberOfEmployees = 123456789", "8 digits before the point fit", "larger", True),
        ("AnnualRevenue = 1000000000000000000", "18 digits before the point fit", "larger", True),
        (
            "NumberOfEmployees = \"{{ sums.owed['CAD'] }}\"",
            "takes whole numbers only (for a client",
            "round",
            True,
        ),
        ('LastModifiedById = { literal = "005" }', "is read-only for our user", "leave the line out", True),
        ('Industry = { literal = "Bankin" }', "does not offer 'Bankin'", "did you mean 'Banking'?", False),
        ('Rating = { literal = "Lukewarm" }', "does not offer 'Lukewarm'", "Cold, Hot, Warm", False),
        (f'Site = {{ literal = "{"x" * 81}" }}', "takes 80 characters: longer text is cut", "longer", False),
        (f'Website = {{ literal = "{"x" * 256}" }}', "longer text is left out", "longer", False),
    ],
)
async def test_a_value_that_the_field_will_not_take_is_found(
    line: str, says: str, mend: str, *, stops: bool
) -> None:
    (finding,) = await account_findings(line)

    assert says in finding.says
    assert mend in finding.mend
    assert finding.stops is stops
    assert finding.key == f"account.fields.{line.partition(' ')[0]}"


REGION = {"label": "Region", "type": "string", "length": 10, "access": "optional"}


async def test_a_field_that_the_org_demands_is_asked_for_with_a_line_to_copy() -> None:
    demanding = PREPARED.with_(added={"Account": {"fields": {"Region__c": REGION | {"access": "required"}}}})

    (finding,) = await account_findings('Site = "client.id"', demanding)

    assert finding.says == "the org takes no new row without Region__c"
    assert finding.mend == 'Region__c = { literal = "…" }'
    assert await account_findings('Region__c = { literal = "EU" }', demanding) == []


async def test_a_restricted_picklist_stops_a_row_and_a_hidden_field_is_absent() -> None:
    strict = PREPARED.with_(restricted=["Account.Rating"], hidden=["Account.Site"])

    rating, site = await account_findings('Rating = { literal = "Tepid" }\nSite = "client.id"', strict)

    assert (rating.says, rating.stops) == ("does not offer 'Tepid'", True)
    assert site.says == "the org has no such field, or hides it from our user"


async def test_stages_are_those_of_the_connection_and_must_be_the_orgs() -> None:
    found = await told(stages=Stages(won="Gewonnen"))

    (finding,) = found[SObject.OPPORTUNITY].findings
    assert finding.key == "opportunity.fields.StageName"
    assert finding.says == "does not offer 'Gewonnen' (for a paid invoice)"
    assert finding.stops


async def test_a_stage_that_the_org_does_not_have_as_won_is_told_with_the_one_that_is_written() -> None:
    rules = Rules.of(A_CONNECTION.model_copy(update={"stages": Stages(won="Negotiation/Review")}))
    async with joined_org(PREPARED) as joined:
        found = [*stage_findings(rules, await org_stages(joined.lanes.client(ACME)))]

    assert [(each.key, each.says) for each in found] == [
        (
            "opportunity.stages.won",
            "StageName: 'Closed Won', since 'Negotiation/Review' is no won stage of the org",
        )
    ]


async def test_a_value_for_new_rows_is_held_against_the_org_too() -> None:
    found = await told(default_text() + '\n[account.create]\nIndustri = { literal = "Energy" }\n')

    (finding,) = found[SObject.ACCOUNT].findings
    assert (finding.key, finding.mend) == ("account.create.Industri", "did you mean Industry?")


class Talking:
    """An org that describes its objects as it is told to."""

    def __init__(self, *fields: dict[str, Any]) -> None:
        self.fields = fields

    async def describe(self, sobject: str) -> Mapping[str, Any]:
        return described(sobject, *self.fields)


async def every(org: Talking) -> AsyncIterator[Finding]:
    async for each in checked(Rules.of(A_CONNECTION), org):
        for finding in each.findings:
            yield finding


async def test_a_relationship_that_leads_elsewhere_is_found() -> None:
    elsewhere = a_field("AccountId", "reference", relationshipName="Account", referenceTo=["Partner__c"])

    found = [each async for each in every(Talking(elsewhere))]

    assert "refers to Partner__c, not to Account" in [each.says for each in found]


async def test_a_field_that_only_a_new_row_takes_belongs_to_the_create_table() -> None:
    line = 'ContactId = { literal = "003000000000001AAA" }'
    wrong = await told(a_mapping(opportunity=line))
    right = await told(a_mapping() + f"\n[opportunity.create]\n{line}\n")

    (finding,) = [it for it in wrong[SObject.OPPORTUNITY].findings if it.key.endswith("ContactId")]
    assert "move it to the table `create`" in finding.mend
    assert [it for it in right[SObject.OPPORTUNITY].findings if it.key.endswith("ContactId")] == []


async def test_lines_that_are_asked_for_are_held_against_what_the_org_has_for_them() -> None:
    lacking, ready = await told(itemising()), await told(itemising(), Profile.named("line-items"))

    assert [(it.key, it.stops) for it in lacking[SObject.LINES].findings] == [("opportunity.lines", True)] * 2
    assert "freshforce setup salesforce" in lacking[SObject.LINES].findings[0].mend
    assert ready[SObject.LINES].findings == ()
    assert SObject.LINES not in await told()


async def test_the_example_is_what_would_be_sent_and_what_is_left_out_stands_beside_it() -> None:
    hiding = PREPARED.with_(hidden=["Account.Site"])

    found = await told(a_mapping(account='Site = "client.id"'), hiding)

    account = found[SObject.ACCOUNT].example
    assert "Site" not in account.sent
    assert account.left_out == {"Site": "7"}


async def test_the_example_of_an_invoice_is_in_the_orgs_currency_so_that_its_amount_would_be_sent() -> None:
    found = await told(org_currency="EUR")

    sale = found[SObject.OPPORTUNITY].example
    assert (sale.sent["Amount"], sale.notes) == (Figure(figure=Decimal("200.00"), currency="EUR"), ())
    assert sale.sent["FreshBooks_Currency__c"] == "EUR"


async def test_where_an_org_has_several_currencies_the_example_says_its_own() -> None:
    found = await told(profile=Profile.named("multi-currency"), org_currency="XXX")

    sale = found[SObject.OPPORTUNITY].example.sent
    assert sale["CurrencyIsoCode"] == sale["FreshBooks_Currency__c"]
    assert sale["CurrencyIsoCode"] in {"USD", "EUR", "CAD", "GBP"}


async def test_text_that_is_too_long_is_shown_as_it_would_be_cut_and_said_so() -> None:
    found = await told(a_mapping(account=f'Site = {{ literal = "{"x" * 81}" }}'))

    account = found[SObject.ACCOUNT].example
    assert account.sent["Site"] == "x" * 80
    assert account.notes == ("Site: cut to 80 characters",)


async def test_what_has_no_rows_of_its_own_or_is_absent_has_no_example() -> None:
    found = await told(itemising())

    assert [it for it in (SObject.INVOICE, SObject.LINES) if found[it].example.sent] == []


_BILLED = 'FreshBooks_Invoice_Amount__c = "invoice.billed"'
OWN_CURRENCY = a_mapping().replace(_BILLED, f'{_BILLED}\nCurrencyIsoCode = "invoice.currency"')


async def test_a_currency_that_a_mapping_gives_orders_of_people_is_told_with_what_it_does_to_them() -> None:
    found = await told(OWN_CURRENCY, Profile.named("multi-currency"))

    (finding,) = found[SObject.ORDER].findings
    assert finding.key == "order.fields.CurrencyIsoCode"
    assert "their amounts are not converted" in finding.says
    assert finding.mend.startswith("leave the line out")
    assert not finding.stops


async def test_an_org_of_one_currency_is_not_asked_to_make_the_field_for_currencies() -> None:
    (finding,) = (await told(OWN_CURRENCY))[SObject.ORDER].findings

    assert (finding.says, finding.mend) == ("the org has one currency: it is left out", "leave the line out")
