import pytest

from app.sandbox.salesforce import Profile
from app.sandbox.salesforce.profile import profile_names
from tests.builders.salesforce_user import (
    INVOICE_KEY,
    KEY,
    SalesforceUser,
    an_account,
    an_opportunity,
    salesforce_user,
)


async def _field(user: SalesforceUser, sobject: str, name: str) -> dict[str, object]:
    seen = await user.call("GET", f"sobjects/{sobject}/describe")
    return next(field for field in seen.body["fields"] if field["name"] == name)


async def test_the_versions_are_told_to_anyone() -> None:
    async with salesforce_user() as user, user.session.get(user.sandbox.url + "/services/data") as answer:
        listed = await answer.json()

        assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in listed
        assert {"label": "Winter '25", "url": "/services/data/v62.0", "version": "62.0"} in listed


@pytest.mark.parametrize("version", ["v99.0", "v66", "66.0", "vx.0"])
async def test_a_version_that_is_none_is_not_found(version: str) -> None:
    async with salesforce_user() as user:
        assert (await user.call("GET", "sobjects", version=version)).status == 404


async def test_the_list_of_objects_has_the_recorded_keys() -> None:
    async with salesforce_user() as user:
        seen = await user.call("GET", "sobjects")

        listed = {each["name"]: each for each in seen.body["sobjects"]}
        assert (seen.body["encoding"], seen.body["maxBatchSize"]) == ("UTF-8", 200)
        assert listed["Account"]["keyPrefix"] == "001"
        assert listed["Account"]["urls"]["describe"] == "/services/data/v66.0/sobjects/Account/describe"
        assert "Invoice" not in listed


@pytest.mark.parametrize(
    ("sobject", "field", "told"),
    [
        ("Account", "Name", {"label": "Account Name", "length": 255, "nillable": False, "createable": True}),
        ("Contact", "Email", {"type": "email", "length": 80, "idLookup": True, "byteLength": 240}),
        (
            "Opportunity",
            "Amount",
            {"type": "currency", "precision": 18, "scale": 2, "soapType": "xsd:double"},
        ),
        ("Opportunity", "Name", {"length": 120, "idLookup": True, "permissionable": False}),
        ("Opportunity", "IsWon", {"createable": False, "updateable": False, "defaultedOnCreate": True}),
        ("Opportunity", "ContactId", {"createable": True, "updateable": False}),
        (
            "Opportunity",
            "AccountId",
            {"referenceTo": ["Account"], "relationshipName": "Account", "length": 18},
        ),
        ("Account", KEY, {"externalId": True, "unique": True, "caseSensitive": True, "custom": True}),
        ("Order", "Status", {"restrictedPicklist": True, "nillable": False}),
    ],
)
async def test_a_field_is_described_as_it_behaves(sobject: str, field: str, told: dict[str, object]) -> None:
    async with salesforce_user() as user:
        described = await _field(user, sobject, field)

        assert {name: described[name] for name in told} == told


async def test_picklist_values_have_the_recorded_shape() -> None:
    async with salesforce_user() as user:
        stage = await _field(user, "Opportunity", "StageName")

        won = {
            "active": True,
            "defaultValue": False,
            "label": "Closed Won",
            "validFor": None,
            "value": "Closed Won",
        }
        assert isinstance(stage["picklistValues"], list)
        assert won in stage["picklistValues"]


async def test_a_description_that_did_not_change_is_not_sent_again() -> None:
    async with salesforce_user() as user:
        first = await user.call("GET", "sobjects/Account/describe")

        again = await user.call(
            "GET", "sobjects/Account/describe", If_Modified_Since=first.headers["Last-Modified"]
        )

        assert (again.status, again.body) == (304, None)


@pytest.mark.parametrize(
    "path", ["sobjects/Invoice/describe", "sobjects/Foo", "sobjects/Foo/describe", "nothing"]
)
async def test_what_is_not_there_is_404_in_the_recorded_words(path: str) -> None:
    async with salesforce_user() as user:
        seen = await user.call("GET", path)

        missing = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
        assert (seen.status, seen.body) == (404, missing)


async def test_a_wrong_method_is_405() -> None:
    async with salesforce_user() as user:
        seen = await user.call("PUT", "sobjects/Account", {})

        assert (seen.status, seen.body[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
        assert seen.body[0]["message"] == "HTTP Method 'PUT' not allowed. Allowed are GET,POST"


async def test_an_unprepared_org_lacks_our_fields_and_shows_them_once_they_are_made() -> None:
    async with salesforce_user("plain") as user:
        before = await user.upsert_many("Opportunity", INVOICE_KEY, an_opportunity())
        user.sandbox.control.profile("prepared")

        after = await user.upsert_many("Opportunity", INVOICE_KEY, an_opportunity())

        assert (before.status, after.status) == (404, 200)


async def test_currency_exists_only_where_there_are_several() -> None:
    async with salesforce_user() as one, salesforce_user("multi-currency") as several:
        refused = await one.call("POST", "sobjects/Opportunity", an_opportunity(CurrencyIsoCode="USD"))
        taken = await several.create("Opportunity", **an_opportunity(CurrencyIsoCode="CAD"))
        default = await several.create("Opportunity", **an_opportunity("2"))
        unknown = await several.call(
            "POST", "sobjects/Opportunity", an_opportunity("3", CurrencyIsoCode="XXX")
        )
        listed = await several.query("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true")

        assert (refused.status, refused.body[0]["errorCode"]) == (400, "INVALID_FIELD")
        assert (await several.row("Opportunity", taken))["CurrencyIsoCode"] == "CAD"
        assert (await several.row("Opportunity", default))["CurrencyIsoCode"] == "USD"
        assert unknown.body[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert [row["IsoCode"] for row in listed.body["records"]] == ["USD"]


async def test_an_account_may_be_a_person_whose_name_is_joined_and_whose_contact_is_made() -> None:
    async with salesforce_user("person-accounts") as user:
        row_id = await user.create(
            "Account", FirstName="Gob", LastName="Bluth", PersonEmail="gob@example.com"
        )
        company = await user.create("Account", Name="Sitwell")

        named = await user.call("PATCH", f"sobjects/Account/{row_id}", {"Name": "Other"})
        nameless = await user.call("POST", "sobjects/Account", {"Phone": "1"})

        row = await user.row("Account", row_id)
        contact = await user.row("Contact", row["PersonContactId"])
        assert (row["Name"], row["IsPersonAccount"]) == ("Gob Bluth", True)
        assert (contact["Name"], contact["Email"], contact["AccountId"]) == (
            "Gob Bluth",
            "gob@example.com",
            row_id,
        )
        assert (await user.row("Account", company))["IsPersonAccount"] is False
        assert named.body[0]["message"] == "Account: bad field names on insert/update call: Name"
        assert nameless.body[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


async def test_a_company_takes_nothing_of_a_persons_and_a_person_no_contact_beside_its_own() -> None:
    async with salesforce_user("person-accounts") as user:
        person = await user.create("Account", LastName="Bluth")
        company = await user.create("Account", Name="Sitwell")

        personal = await user.call("PATCH", f"sobjects/Account/{company}", {"PersonEmail": "s@example.com"})
        second = await user.call("POST", "sobjects/Contact", {"LastName": "Lee", "AccountId": person})
        staff = await user.create("Contact", LastName="Lee", AccountId=company)

        row = await user.row("Account", person)
        assert personal.body[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
        assert second.body[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
        assert (await user.row("Contact", staff))["IsPersonAccount"] is False
        assert (await user.row("Contact", row["PersonContactId"]))["IsPersonAccount"] is True


async def test_under_order_management_an_invoice_is_read_and_changed_but_never_made() -> None:
    async with salesforce_user("order-management") as user:
        people = user.sandbox.control.people
        (account,) = people.insert("Account", an_account())
        (order,) = people.insert(
            "Order", {"AccountId": account, "EffectiveDate": "2026-01-01", "Status": "Draft"}
        )
        made = {"BillingAccountId": account, "ReferenceEntityId": order, "InvoiceDate": "2026-01-01"}
        (invoice,) = people.insert(
            "Invoice", made | {"DueDate": "2026-02-01", "Balance": 12.5, "Status": "Posted"}
        )

        refused = await user.call("POST", "sobjects/Invoice", made)
        changed = await user.call("PATCH", f"sobjects/Invoice/{invoice}", {"InvoiceNumber": "0042"})
        posted = await user.call("PATCH", f"sobjects/Invoice/{invoice}", {"Status": "Voided"})
        read = await user.query(
            f"SELECT InvoiceNumber, Balance FROM Invoice WHERE ReferenceEntityId = '{order}'"
        )
        described = await user.call("GET", "sobjects/Invoice/describe")

        told = {"code": refused.body[0]["errorCode"], "message": refused.body[0]["message"]}
        assert told == {
            "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "message": "entity type cannot be inserted: Invoice",
        }
        assert (changed.status, posted.status) == (204, 400)
        assert [(row["InvoiceNumber"], row["Balance"]) for row in read.body["records"]] == [("0042", 12.5)]
        assert (described.body["createable"], described.body["updateable"]) == (False, True)


async def test_with_billing_an_invoice_is_made_for_an_account() -> None:
    async with salesforce_user("billing") as user:
        account = await user.create("Account", Name="A")
        opportunity = await user.create("Opportunity", **an_opportunity())
        days = {"InvoiceDate": "2026-01-01", "DueDate": "2026-02-01"}

        without = await user.call("POST", "sobjects/Invoice", days)
        made = await user.create("Invoice", BillingAccountId=account, ReferenceEntityId=opportunity, **days)

        row = await user.row("Invoice", made)
        assert without.body[0]["message"] == "Required fields are missing: [BillingAccountId]"
        assert made.startswith("3tt")
        assert (row["Status"], row["Balance"], row["DocumentNumber"]) == ("Draft", 0.0, "00000100")


async def test_an_org_may_have_stages_of_its_own() -> None:
    stages = [
        {"name": "Sent", "probability": 40},
        {"name": "Paid", "probability": 100, "closed": True, "won": True},
    ]
    async with salesforce_user(stages=stages) as user:
        row_id = await user.create("Opportunity", **an_opportunity(StageName="Paid"))
        won = await user.query("SELECT ApiName FROM OpportunityStage WHERE IsWon = true")

        assert [row["ApiName"] for row in won.body["records"]] == ["Paid"]
        assert (await user.row("Opportunity", row_id))["IsWon"] is True


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_makes_objects_whose_references_lead_somewhere(name: str) -> None:
    objects = Profile.named(name).objects()

    beyond = {"RecordType"}
    referred = {
        each for thing in objects.values() for field in thing.fields.values() for each in field.refers_to
    }
    assert referred <= set(objects) | beyond
    assert len({thing.prefix for thing in objects.values()}) == len(objects)
    assert all(len(thing.prefix) == 3 for thing in objects.values())


def test_ids_begin_as_salesforce_s_do() -> None:
    things = Profile.named("billing").objects()

    named = ("Account", "Contact", "Opportunity", "Order", "OrderItem", "Invoice", "InvoiceLine")
    assert [things[name].prefix for name in named] == ["001", "003", "006", "801", "802", "3tt", "5TV"]
