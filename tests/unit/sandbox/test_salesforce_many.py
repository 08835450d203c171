import pytest

from app.sandbox.salesforce.rules import Poison, Rules
from tests.builders.salesforce_user import INVOICE_KEY, KEY, an_account, an_opportunity, salesforce_user

ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
    "fields": [],
}
TOO_LONG = "x" * 256


async def test_results_stand_in_the_order_of_the_rows_and_say_what_was_created() -> None:
    async with salesforce_user() as user:
        await user.upsert_many("Account", KEY, an_account("B"))

        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("B"), an_account("C"))

        assert seen.status == 200
        assert [result["created"] for result in seen.body] == [True, False, True]
        assert all(set(result) == {"id", "success", "errors", "created"} for result in seen.body)
        assert (await user.row("Account", seen.body[2]["id"]))[KEY] == "C"


async def test_the_answer_is_200_though_every_row_failed() -> None:
    async with salesforce_user() as user:
        seen = await user.upsert_many(
            "Account", KEY, an_account("A", Name=None), an_account("B", Name=TOO_LONG)
        )

        missing, long = seen.body
        assert seen.status == 200
        assert missing == {
            "success": False,
            "errors": [
                {
                    "statusCode": "REQUIRED_FIELD_MISSING",
                    "message": "Required fields are missing: [Name]",
                    "fields": ["Name"],
                }
            ],
        }
        assert long["errors"][0]["statusCode"] == "STRING_TOO_LONG"
        assert (
            long["errors"][0]["message"] == f"Account Name: data value too large: {TOO_LONG} (max length=255)"
        )


async def test_one_bad_row_does_not_harm_its_neighbours() -> None:
    async with salesforce_user() as user:
        seen = await user.upsert_many(
            "Account", KEY, an_account("A"), an_account("B", Name=""), an_account("C")
        )

        assert [result["success"] for result in seen.body] == [True, False, True]
        assert [row[KEY] for row in user.sandbox.control.people.rows("Account")] == ["A", "C"]


async def test_all_or_none_takes_everything_back_and_claims_all_were_created() -> None:
    async with salesforce_user() as user:
        await user.upsert_many("Account", KEY, an_account("A", Name="before"))

        seen = await user.upsert_many(
            "Account",
            KEY,
            an_account("A", Name="after"),
            an_account("B"),
            an_account("C", Name=""),
            all_or_none=True,
        )

        assert seen.status == 200
        assert [result["success"] for result in seen.body] == [False] * 3
        assert [result["created"] for result in seen.body] == [True] * 3
        assert seen.body[0]["errors"] == seen.body[1]["errors"] == [ROLLED_BACK]
        assert seen.body[2]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
        assert [(row[KEY], row["Name"]) for row in user.sandbox.control.people.rows("Account")] == [
            ("A", "before")
        ]
        assert (await user.upsert_many("Account", KEY, an_account("B"))).body[0]["created"] is True


async def test_200_rows_are_one_call_and_201_are_refused() -> None:
    async with salesforce_user() as user:
        most = await user.upsert_many("Account", KEY, *(an_account(str(n)) for n in range(200)))

        more = await user.upsert_many("Account", KEY, *(an_account(str(n)) for n in range(201)))

        assert len(most.body) == 200
        assert most.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
        assert (more.status, more.body[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


@pytest.mark.parametrize(
    ("choice", "failed"), [("all", [True, True, False]), ("later", [False, True, False])]
)
async def test_rows_that_name_the_same_key_are_errors(choice: str, failed: list[bool]) -> None:
    async with salesforce_user(doubled_keys=choice) as user:
        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("A"), an_account("B"))

        assert [not result["success"] for result in seen.body] == failed
        assert seen.body[1]["errors"][0]["message"] == "Duplicate external id specified: A"


async def test_a_key_of_several_rows_is_an_error_of_the_row() -> None:
    async with salesforce_user(unique={f"Account.{KEY}": False}) as user:
        for _ in range(2):
            await user.create("Account", **an_account("A"))

        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("B"))

        told = "A user-specified external ID matches more than one record during an upsert."
        assert seen.body[0]["errors"] == [
            {"statusCode": "DUPLICATE_EXTERNAL_ID", "message": told, "fields": []}
        ]
        assert seen.body[1]["success"] is True


@pytest.mark.parametrize("key", [None, ""])
async def test_a_row_without_its_key_is_an_error(key: str | None) -> None:
    async with salesforce_user() as user:
        seen = await user.upsert_many("Account", KEY, {"Name": "A", KEY: key})

        assert seen.body[0]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


async def test_rows_of_another_type_than_the_address_refuse_the_request() -> None:
    async with salesforce_user() as user:
        body = {"records": [{"attributes": {"type": "Contact"}, "LastName": "B", KEY: "A"}]}

        seen = await user.call("PATCH", f"composite/sobjects/Account/{KEY}", body)

        assert (seen.status, seen.body[0]["errorCode"]) == (400, "INVALID_INPUT")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"records": [', "JSON_PARSER_ERROR"),
        ({"records": "none"}, "JSON_PARSER_ERROR"),
        ([], "JSON_PARSER_ERROR"),
        ({"records": [{"Name": "A"}]}, "INVALID_INPUT"),
        ({"records": [{"attributes": {"type": "Nothing"}}]}, "INVALID_TYPE"),
    ],
)
async def test_a_malformed_request_is_a_400_array(body: object, code: str) -> None:
    async with salesforce_user() as user:
        seen = await user.call("PATCH", f"composite/sobjects/Account/{KEY}", body)

        assert (seen.status, seen.body[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(("switch", "status"), [("row", 200), ("request", 400)])
async def test_an_unknown_field_refuses_its_row_or_the_request_as_the_switch_says(
    switch: str, status: int
) -> None:
    async with salesforce_user(unknown_field=switch) as user:
        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("B", Nope__c=1))

        problem = seen.body[1]["errors"][0] if status == 200 else seen.body[0]
        assert seen.status == status
        assert problem["message"] == "No such column 'Nope__c' on sobject of type Account"
        assert len(user.sandbox.control.people.rows("Account")) == (1 if status == 200 else 0)


async def test_a_poison_row_refuses_the_whole_request_until_it_is_gone() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.rules(Rules(poison=(Poison(sobject="Account", field=KEY, value="P"),)))

        with_it = await user.upsert_many("Account", KEY, an_account("A"), an_account("P"))
        without = await user.upsert_many("Account", KEY, an_account("A"))

        assert (with_it.status, with_it.body[0]["errorCode"]) == (400, "UNKNOWN_EXCEPTION")
        assert without.body[0]["created"] is True


async def test_children_find_a_parent_of_an_earlier_call_but_not_a_missing_one() -> None:
    async with salesforce_user() as user:
        await user.upsert_many("Account", KEY, an_account("A"))

        seen = await user.upsert_many(
            "Opportunity",
            INVOICE_KEY,
            an_opportunity("1", Account={KEY: "A"}),
            an_opportunity("2", Account={KEY: "B"}),
        )

        told = f"Foreign key external ID: B not found for field {KEY} in entity Account"
        assert [result["success"] for result in seen.body] == [True, False]
        assert seen.body[1]["errors"] == [{"statusCode": "INVALID_FIELD", "message": told, "fields": []}]


async def test_the_id_serves_as_a_key_though_nobody_documented_it() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Contact", LastName="Bluth")

        seen = await user.upsert_many(
            "Contact", "Id", {"Id": row_id, "FirstName": "Gob"}, {"Id": None, "LastName": "New"}
        )

        assert [result["created"] for result in seen.body] == [False, True]
        assert (await user.row("Contact", row_id))["Name"] == "Gob Bluth"


async def test_rows_of_several_types_are_created_changed_and_deleted_by_id() -> None:
    async with salesforce_user() as user:
        records = [
            {"attributes": {"type": "Account"}, "Name": "A"},
            {"attributes": {"type": "Contact"}, "LastName": "B"},
        ]
        made = await user.call("POST", "composite/sobjects", {"records": records})
        ids = [result["id"] for result in made.body]
        changed = await user.call(
            "PATCH",
            "composite/sobjects",
            {"records": [{"attributes": {"type": "Account"}, "id": ids[0], "Name": "A2"}]},
        )
        read = await user.call("GET", f"composite/sobjects/Account?ids={ids[0]},001xx0000004GxD&fields=Name")

        gone = await user.call("DELETE", f"composite/sobjects?ids={','.join(ids)}")

        assert made.body == [{"id": row_id, "success": True, "errors": []} for row_id in ids]
        assert changed.body == [{"id": ids[0], "success": True, "errors": []}]
        assert [row and row["Name"] for row in read.body] == ["A2", None]
        assert [result["success"] for result in gone.body] == [True, True]
        assert user.sandbox.control.people.rows("Account") == []


async def test_types_may_change_nine_times_in_a_request_but_not_ten() -> None:
    async with salesforce_user() as user:
        account = {"attributes": {"type": "Account"}, "Name": "A"}
        contact = {"attributes": {"type": "Contact"}, "LastName": "B"}

        nine = await user.call("POST", "composite/sobjects", {"records": [account, contact] * 5})
        ten = await user.call("POST", "composite/sobjects", {"records": [account, contact] * 5 + [account]})

        assert (nine.status, ten.status) == (200, 400)
