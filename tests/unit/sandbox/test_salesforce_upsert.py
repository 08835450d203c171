import pytest

from tests.builders.salesforce_user import INVOICE_KEY, KEY, an_opportunity, salesforce_user

ONE = f"sobjects/Account/{KEY}/ACM1%3A7"


async def test_a_first_upsert_creates_and_says_so() -> None:
    async with salesforce_user() as user:
        seen = await user.call("PATCH", ONE, {"Name": "Alpha"})

        row_id = seen.body["id"]
        assert seen.status == 201
        assert seen.body == {"id": row_id, "success": True, "errors": [], "created": True}
        assert seen.headers["Location"] == f"/services/data/v66.0/sobjects/Account/{row_id}"
        assert seen.headers["Content-Type"] == "application/json;charset=UTF-8"


async def test_a_second_upsert_changes_the_same_row() -> None:
    async with salesforce_user() as user:
        first = await user.call("PATCH", ONE, {"Name": "Alpha", "Phone": "1"})

        second = await user.call("PATCH", ONE, {"Name": "Beta"})

        assert (second.status, second.body) == (200, first.body | {"created": False})
        row = await user.row("Account", first.body["id"])
        assert (row["Name"], row["Phone"], row[KEY]) == ("Beta", "1", "ACM1:7")


async def test_before_version_46_a_change_has_no_body_and_created_is_not_told() -> None:
    async with salesforce_user() as user:
        created = await user.call("PATCH", ONE, {"Name": "Alpha"}, version="v45.0")

        changed = await user.call("PATCH", ONE, {"Name": "Beta"}, version="v45.0")

        assert (created.status, "created" in created.body) == (201, False)
        assert (changed.status, changed.body) == (204, None)


async def test_several_matches_are_300_with_their_addresses_and_nothing_written() -> None:
    async with salesforce_user(unique={f"Account.{KEY}": False}) as user:
        ids = [await user.create("Account", Name=name, **{KEY: "ACM1:7"}) for name in ("A", "B")]

        seen = await user.call("PATCH", ONE, {"Name": "C"})

        assert seen.status == 300
        assert seen.body == [f"/services/data/v66.0/sobjects/Account/{row_id}" for row_id in ids]
        assert [(await user.row("Account", row_id))["Name"] for row_id in ids] == ["A", "B"]


async def test_update_only_creates_nothing() -> None:
    async with salesforce_user() as user:
        seen = await user.call("PATCH", ONE + "?updateOnly=true", {"Name": "Alpha"})

        assert (seen.status, seen.body[0]["errorCode"]) == (404, "NOT_FOUND")
        assert user.sandbox.control.people.rows("Account") == []


@pytest.mark.parametrize("named", [KEY, KEY.lower(), "Id"])
async def test_the_key_does_not_belong_into_the_body(named: str) -> None:
    async with salesforce_user() as user:
        seen = await user.call("PATCH", ONE, {"Name": "Alpha", named: "ACM1:7"})

        assert (seen.status, seen.body[0]["errorCode"], seen.body[0]["fields"]) == (
            400,
            "INVALID_FIELD",
            [named],
        )
        assert seen.body[0]["message"] == f"The {named} field should not be specified in the sobject data."


async def test_a_lenient_org_takes_the_key_in_the_body() -> None:
    async with salesforce_user(key_in_body="accepted") as user:
        seen = await user.call("PATCH", ONE, {"Name": "Alpha", KEY: "ACM1:7"})

        assert seen.status == 201


@pytest.mark.parametrize("field", ["Nothing__c", "Phone"])
async def test_what_is_no_key_cannot_be_upserted_by(field: str) -> None:
    async with salesforce_user() as user:
        seen = await user.call("PATCH", f"sobjects/Account/{field}/1", {"Name": "Alpha"})

        told = f"Provided external ID field does not exist or is not accessible: {field}"
        assert (seen.status, seen.body) == (404, [{"message": told, "errorCode": "NOT_FOUND"}])


async def test_an_unprepared_org_does_not_know_the_key() -> None:
    async with salesforce_user("plain") as user:
        assert (await user.call("PATCH", ONE, {"Name": "Alpha"})).status == 404


async def test_a_key_may_hold_any_character_once_it_is_escaped() -> None:
    async with salesforce_user() as user:
        seen = await user.call(
            "PATCH", f"sobjects/Account/{KEY}/this%2Fthat%20%26%20the%20other%25", {"Name": "A"}
        )

        assert (await user.row("Account", seen.body["id"]))[KEY] == "this/that & the other%"


@pytest.mark.parametrize(("case_sensitive", "rows"), [(True, 2), (False, 1)])
async def test_whether_case_makes_another_key_is_the_fields_choice(case_sensitive: bool, rows: int) -> None:  # noqa: FBT001
    async with salesforce_user(case_sensitive={f"Account.{KEY}": case_sensitive}) as user:
        for key in ("abc", "ABC"):
            assert (await user.call("PATCH", f"sobjects/Account/{KEY}/{key}", {"Name": key})).status in {
                200,
                201,
            }

        assert len(user.sandbox.control.people.rows("Account")) == rows


async def test_an_email_is_a_key_too() -> None:
    async with salesforce_user() as user:
        await user.create("Contact", LastName="Bluth", Email="gob@example.com")

        seen = await user.call("PATCH", "sobjects/Contact/Email/GOB@example.com", {"FirstName": "Gob"})

        assert (seen.status, seen.body["created"]) == (200, False)


async def test_a_parent_is_named_by_its_own_key() -> None:
    async with salesforce_user() as user:
        parent = await user.create("Account", Name="A", **{KEY: "ACM1:7"})
        body = an_opportunity(Account={KEY: "ACM1:7"})
        body.pop(INVOICE_KEY)

        seen = await user.call("PATCH", f"sobjects/Opportunity/{INVOICE_KEY}/ACM1%3A1", body)

        assert (await user.row("Opportunity", seen.body["id"]))["AccountId"] == parent


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0116", f"Foreign key external ID: 0116 not found for field {KEY} in entity Account"),
        ("", "Foreign key external ID: not found"),
    ],
)
async def test_a_parent_that_is_not_there_is_said_in_the_recorded_words(value: str, told: str) -> None:
    async with salesforce_user() as user:
        body = {"LastName": "Bluth", "Account": {KEY: value}}

        seen = await user.call("POST", "sobjects/Contact", body)

        assert seen.status == 400
        assert (seen.body[0]["errorCode"], seen.body[0]["message"]) == ("INVALID_FIELD", told)


async def test_a_client_without_patch_may_say_it_in_the_query() -> None:
    async with salesforce_user() as user:
        seen = await user.call("POST", ONE + "?_HttpMethod=PATCH", {"Name": "Alpha"})

        assert seen.status == 201


async def test_a_row_is_read_and_deleted_by_its_key() -> None:
    async with salesforce_user() as user:
        await user.call("PATCH", ONE, {"Name": "Alpha"})
        read = await user.call("GET", ONE)
        head = await user.call("HEAD", ONE)
        gone = await user.call("DELETE", ONE)

        after = await user.call("GET", ONE)

        assert (read.status, read.body["Name"]) == (200, "Alpha")
        assert (head.status, head.body) == (200, None)
        assert (gone.status, gone.body) == (204, None)
        assert (after.status, after.body[0]["errorCode"]) == (404, "NOT_FOUND")


async def test_a_deleted_row_is_not_matched_so_a_new_one_is_made() -> None:
    async with salesforce_user() as user:
        first = await user.call("PATCH", ONE, {"Name": "Alpha"})
        user.sandbox.control.people.delete("Account", first.body["id"])
        by_id = await user.call("PATCH", f"sobjects/Account/{first.body['id']}", {"Name": "Beta"})

        second = await user.call("PATCH", ONE, {"Name": "Beta"})

        deleted = [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]
        assert (by_id.status, by_id.body) == (404, deleted)
        assert second.status == 201
        assert second.body["id"] != first.body["id"]


async def test_a_row_by_id_shows_its_attributes_and_the_asked_fields() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Account", Name="Alpha")

        seen = await user.call("GET", f"sobjects/Account/{row_id[:15]}?fields=name,Phone")

        url = f"/services/data/v66.0/sobjects/Account/{row_id}"
        assert seen.body == {"attributes": {"type": "Account", "url": url}, "Name": "Alpha", "Phone": None}


async def test_moments_and_amounts_are_written_as_the_vendor_writes_them() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(Amount=35000))

        row = await user.row("Opportunity", row_id)

        assert row["CreatedDate"].endswith(".000+0000")
        assert len(row["CreatedDate"]) == len("2021-11-06T17:38:40.000+0000")
        assert isinstance(row["Amount"], float)
        assert row["CloseDate"] == "2026-03-31"
