from typing import Any

import pytest

from tests.builders.salesforce_user import KEY, an_account, an_opportunity, salesforce_user

LONG = "n" * 256
NO_SUCH = "001xx0000004GxD"
AN_ORDER = {"EffectiveDate": "2026-01-01", "Status": "Sent"}


@pytest.mark.parametrize(
    ("sobject", "fields", "code", "message", "named"),
    [
        (
            "Account",
            {"Name": LONG},
            "STRING_TOO_LONG",
            f"Account Name: data value too large: {LONG} (max length=255)",
            ["Name"],
        ),
        (
            "Account",
            {"Name": None},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name]",
            ["Name"],
        ),
        ("Account", {"Name": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        (
            "Opportunity",
            {},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name, StageName, CloseDate]",
            ["Name", "StageName", "CloseDate"],
        ),
        (
            "Contact",
            {"LastName": "B", "Email": "gob"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: gob",
            ["Email"],
        ),
        (
            "Contact",
            {"LastName": "B", "Email": "a@b"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: a@b",
            ["Email"],
        ),
        (
            "Order",
            AN_ORDER,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "bad value for restricted picklist field: Sent",
            ["Status"],
        ),
        (
            "Contact",
            {"LastName": "B", "AccountId": NO_SUCH.replace("001", "003")},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 003xx0000004GxD",
            ["AccountId"],
        ),
        (
            "Contact",
            {"LastName": "B", "AccountId": NO_SUCH},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            ["AccountId"],
        ),
        (
            "Opportunity",
            an_opportunity(Amount=1e16),
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 1e+16",
            ["Amount"],
        ),
    ],
)
async def test_a_bad_value_is_refused_in_the_recorded_words(
    sobject: str, fields: dict[str, Any], code: str, message: str, named: list[str]
) -> None:
    async with salesforce_user() as user:
        seen = await user.call("POST", f"sobjects/{sobject}", fields)

        assert seen.status == 400
        assert seen.body == [{"message": message, "errorCode": code, "fields": named}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Amount", "12.50"),
        ("Amount", True),
        ("CloseDate", "31/03/2026"),
        ("CloseDate", "2026-02-30"),
        ("CloseDate", "20260331"),
        ("IsPrivate", "yes"),
        ("Name", 5),
        ("StageName", ["Prospecting"]),
        ("AccountId", {"Id": "001"}),
    ],
)
async def test_a_value_of_the_wrong_json_type_is_a_parser_error(field: str, value: object) -> None:
    async with salesforce_user() as user:
        seen = await user.call("POST", "sobjects/Opportunity", an_opportunity(**{field: value}))

        assert (seen.status, seen.body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
        assert seen.body[0]["message"].startswith("Cannot deserialize instance of ")


@pytest.mark.parametrize(("switch", "status"), [("request", 400), ("row", 200)])
async def test_a_wrong_type_refuses_the_request_or_its_row_as_the_switch_says(
    switch: str, status: int
) -> None:
    async with salesforce_user(wrong_type=switch) as user:
        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("B", Name=5))

        assert seen.status == status


async def test_an_org_may_take_numbers_as_text() -> None:
    async with salesforce_user(numbers_as_text="accepted") as user:
        row_id = await user.create("Opportunity", **an_opportunity(Amount="12.50"))

        assert (await user.row("Opportunity", row_id))["Amount"] == 12.5


@pytest.mark.parametrize(("sent", "kept"), [(10.005, 10.01), (10.004, 10.0), (-10.005, -10.01), (5, 5.0)])
async def test_decimals_beyond_the_scale_are_rounded(sent: float, kept: float) -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(Amount=sent))

        assert (await user.row("Opportunity", row_id))["Amount"] == kept


async def test_null_clears_a_field_an_absent_one_is_left_alone_and_blank_is_null() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Account", Name="A", Phone="1", Fax="2", Site="3")

        await user.call("PATCH", f"sobjects/Account/{row_id}", {"Phone": None, "Fax": ""})

        row = await user.row("Account", row_id)
        assert (row["Phone"], row["Fax"], row["Site"]) == (None, None, "3")


async def test_a_required_field_cannot_be_emptied() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Account", Name="A")

        seen = await user.call("PATCH", f"sobjects/Account/{row_id}", {"Name": None})

        assert (seen.status, seen.body[0]["errorCode"]) == (400, "REQUIRED_FIELD_MISSING")


@pytest.mark.parametrize("field", ["IsWon", "ExpectedRevenue", "CreatedDate", "Id", "IsDeleted"])
async def test_what_the_org_works_out_is_not_written(field: str) -> None:
    async with salesforce_user() as user:
        seen = await user.call("POST", "sobjects/Opportunity", an_opportunity(**{field: None}))

        assert seen.status == 400
        assert (seen.body[0]["errorCode"], seen.body[0]["fields"]) == (
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            [field],
        )
        assert seen.body[0]["message"].startswith(f"Unable to create/update fields: {field}. Please check")


async def test_a_field_of_creation_alone_is_refused_later() -> None:
    async with salesforce_user() as user:
        contact = await user.create("Contact", LastName="B")
        row_id = await user.create("Opportunity", **an_opportunity(ContactId=contact))

        seen = await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"ContactId": contact})

        assert seen.body[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_a_hidden_field_is_as_if_it_were_not_there() -> None:
    async with salesforce_user(hidden=["Account.Phone"]) as user:
        row_id = await user.create("Account", Name="A")

        written = await user.call("PATCH", f"sobjects/Account/{row_id}", {"Phone": "1"})
        asked = await user.query("SELECT Phone FROM Account")
        described = await user.call("GET", "sobjects/Account/describe")

        told = "No such column 'Phone' on sobject of type Account"
        assert (written.status, written.body[0]["message"]) == (400, told)
        assert asked.body[0]["errorCode"] == "INVALID_FIELD"
        assert "Phone" not in [field["name"] for field in described.body["fields"]]
        assert "Phone" not in await user.row("Account", row_id)


async def test_a_locked_field_is_seen_and_not_written() -> None:
    async with salesforce_user(read_only=["Account.Phone"]) as user:
        seen = await user.call("POST", "sobjects/Account", {"Name": "A", "Phone": "1"})

        assert seen.body[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_an_object_without_the_create_permission_cannot_be_inserted() -> None:
    async with salesforce_user(cannot_create=["Contact"]) as user:
        seen = await user.call("POST", "sobjects/Contact", {"LastName": "B"})

        problem = {
            "message": "entity type cannot be inserted: Contact",
            "errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "fields": [],
        }
        assert (seen.status, seen.body) == (400, [problem])


async def test_an_emoji_takes_two_places_of_a_field_as_surrogate_pairs_do_in_salesforce() -> None:
    async with salesforce_user() as user:
        fits = await user.call("POST", "sobjects/Account", {"Name": "😀" * 127 + "!"})
        too_long = await user.call("POST", "sobjects/Account", {"Name": "😀" * 128})

        assert fits.status == 201
        assert (too_long.status, too_long.body[0]["errorCode"]) == (400, "STRING_TOO_LONG")


async def test_an_admin_may_add_a_required_field() -> None:
    added = {
        "Account": {
            "fields": {"Region__c": {"label": "Region", "type": "string", "length": 5, "access": "optional"}}
        }
    }
    async with salesforce_user(added=added, required=["Account.Region__c"]) as user:
        without = await user.call("POST", "sobjects/Account", {"Name": "A"})
        with_it = await user.call("POST", "sobjects/Account", {"Name": "A", "Region__c": "EMEA"})

        assert without.body[0]["message"] == "Required fields are missing: [Region__c]"
        assert with_it.status == 201


async def test_a_unique_value_belongs_to_one_row() -> None:
    async with salesforce_user() as user:
        first = await user.create("Account", **an_account("A"))

        seen = await user.call("POST", "sobjects/Account", an_account("A"))

        told = f"duplicate value found: {KEY} duplicates value on record with id: {first}"
        assert (seen.body[0]["errorCode"], seen.body[0]["message"]) == ("DUPLICATE_VALUE", told)
