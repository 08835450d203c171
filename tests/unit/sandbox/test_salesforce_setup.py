"""An org that is set up through its API: fields nobody sees until a permission set shows them."""

from typing import Any

import pytest

from tests.builders.salesforce_user import SalesforceUser, an_account, salesforce_user

SET = {"Name": "Ours", "Label": "Ours"}
TEXT = {"type": "Text", "label": "Extra", "length": 40, "description": "For a test."}


async def _add_field(user: SalesforceUser, full_name: str = "Account.Extra__c", **metadata: Any) -> Any:
    body = {"FullName": full_name, "Metadata": TEXT | metadata}
    return await user.call("POST", "tooling/sobjects/CustomField", body)


async def _sees(user: SalesforceUser, sobject: str, field: str) -> bool:
    described = await user.call("GET", f"sobjects/{sobject}/describe")
    return described.status == 200 and field in {each["name"] for each in described.body["fields"]}


async def _assign(user: SalesforceUser, set_id: str) -> str:
    me = user.sandbox.org.users.integration
    return await user.create("PermissionSetAssignment", AssigneeId=me, PermissionSetId=set_id)


async def _open(user: SalesforceUser, sobject: str, set_id: str) -> str:
    rights = dict.fromkeys(("PermissionsRead", "PermissionsCreate", "PermissionsEdit"), True)
    return await user.create("ObjectPermissions", ParentId=set_id, SobjectType=sobject, **rights)


async def _show(user: SalesforceUser, field: str, set_id: str, *, edit: bool = True) -> str:
    rights = {"PermissionsRead": True, "PermissionsEdit": edit}
    sobject = field.partition(".")[0]
    return await user.create("FieldPermissions", ParentId=set_id, SobjectType=sobject, Field=field, **rights)


async def test_a_new_field_is_invisible_until_a_permission_set_of_the_user_shows_it() -> None:
    async with salesforce_user("plain") as user:
        made = await _add_field(user)
        hidden = await _sees(user, "Account", "Extra__c")
        refused = await user.call("POST", "sobjects/Account", {"Name": "A", "Extra__c": "x"})
        set_id = await user.create("PermissionSet", **SET)
        await _open(user, "Account", set_id)
        await _show(user, "Account.Extra__c", set_id)
        unassigned = await _sees(user, "Account", "Extra__c")
        await _assign(user, set_id)

        row_id = await user.create("Account", Name="A", Extra__c="x")

        assert (made.status, made.body["success"], made.body["id"][:3]) == (201, True, "00N")
        assert (hidden, unassigned) == (False, False)
        assert (refused.status, refused.body[0]["errorCode"]) == (400, "INVALID_FIELD")
        assert (await user.row("Account", row_id))["Extra__c"] == "x"


async def test_a_field_that_may_only_be_read_cannot_be_written() -> None:
    async with salesforce_user("plain") as user:
        await _add_field(user)
        set_id = await user.create("PermissionSet", **SET)
        await _open(user, "Account", set_id)
        await _show(user, "Account.Extra__c", set_id, edit=False)
        await _assign(user, set_id)

        refused = await user.call("POST", "sobjects/Account", {"Name": "A", "Extra__c": "x"})

        assert await _sees(user, "Account", "Extra__c")
        assert refused.body[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_to_take_the_permission_set_away_hides_what_it_showed() -> None:
    async with salesforce_user("bare") as user:
        set_id = await user.create("PermissionSet", **SET)
        await _open(user, "Account", set_id)
        assignment = await _assign(user, set_id)
        before = await _sees(user, "Account", "Name")

        await user.call("DELETE", f"sobjects/PermissionSetAssignment/{assignment}")

        assert before
        assert not await _sees(user, "Account", "Name")


async def test_an_address_is_opened_as_a_whole() -> None:
    async with salesforce_user("bare") as user:
        set_id = await user.create("PermissionSet", **SET)
        await _open(user, "Account", set_id)
        await _assign(user, set_id)
        street = {"ParentId": set_id, "SobjectType": "Account", "Field": "Account.BillingStreet"}
        refused = await user.call("POST", "sobjects/FieldPermissions", street | {"PermissionsRead": True})
        before = await _sees(user, "Account", "BillingStreet")

        await _show(user, "Account.BillingAddress", set_id)

        assert refused.body[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert not before
        assert await _sees(user, "Account", "BillingStreet")
        assert await _sees(user, "Account", "BillingCountry")
        assert not await _sees(user, "Account", "Phone")


async def test_without_create_a_row_is_refused_as_recorded() -> None:
    async with salesforce_user("bare") as user:
        set_id = await user.create("PermissionSet", **SET)
        row = {"ParentId": set_id, "SobjectType": "Account", "PermissionsRead": True}
        await user.create("ObjectPermissions", **row)
        await _assign(user, set_id)

        refused = await user.call("POST", "sobjects/Account", {"Name": "A"})

        assert refused.body[0]["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


@pytest.mark.parametrize(
    ("sobject", "row", "code"),
    [
        (
            "ObjectPermissions",
            {"SobjectType": "Account", "PermissionsEdit": True},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        (
            "ObjectPermissions",
            {"SobjectType": "Contact", "PermissionsRead": True},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        (
            "ObjectPermissions",
            {"SobjectType": "Nothing__c", "PermissionsRead": True},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        (
            "FieldPermissions",
            {"SobjectType": "Account", "Field": "Account.Phone", "PermissionsRead": True},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        (
            "FieldPermissions",
            {"SobjectType": "Opportunity", "Field": "Opportunity.Name", "PermissionsRead": True},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
    ],
)
async def test_a_permission_that_cannot_be_is_refused(sobject: str, row: dict[str, Any], code: str) -> None:
    async with salesforce_user("plain") as user:
        set_id = await user.create("PermissionSet", **SET)

        refused = await user.call("POST", f"sobjects/{sobject}", row | {"ParentId": set_id})

        assert (refused.status, refused.body[0]["errorCode"]) == (400, code)


async def test_permission_rows_are_one_of_a_kind() -> None:
    async with salesforce_user("plain") as user:
        set_id = await user.create("PermissionSet", **SET)
        await _open(user, "Account", set_id)

        again = await user.call("POST", "sobjects/PermissionSet", SET)
        twice = await user.call(
            "POST",
            "sobjects/ObjectPermissions",
            {"ParentId": set_id, "SobjectType": "Account", "PermissionsRead": True},
        )

        assert again.body[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
        assert twice.body[0]["errorCode"] == "DUPLICATE_VALUE"


async def test_a_field_is_made_once() -> None:
    async with salesforce_user("plain") as user:
        await _add_field(user)

        again = await _add_field(user)

        assert (again.status, again.body[0]["errorCode"]) == (400, "DUPLICATE_DEVELOPER_NAME")


@pytest.mark.parametrize(
    "metadata",
    [
        {"type": "Txet"},
        {"length": 0},
        {"length": 256},
        {"type": "LongTextArea", "length": 1000},
        {"type": "LongTextArea", "length": 1000, "visibleLines": 3, "unique": True},
        {"type": "LongTextArea", "length": 1000, "visibleLines": 3, "required": False},
        {"type": "Number"},
        {"caseSensitive": True},
        {"label": ""},
        {"lenght": 40},
    ],
)
async def test_a_field_that_cannot_be_is_refused(metadata: dict[str, Any]) -> None:
    async with salesforce_user("plain") as user:
        refused = await _add_field(user, **metadata)

        assert refused.status == 400
        assert refused.body[0]["errorCode"] in {"FIELD_INTEGRITY_EXCEPTION", "JSON_PARSER_ERROR"}


async def test_a_field_needs_the_permission_to_customize() -> None:
    async with salesforce_user("plain", lacks=["CustomizeApplication"]) as user:
        refused = await _add_field(user)
        rights = await user.query("SELECT PermissionsCustomizeApplication FROM UserPermissionAccess")

        assert (refused.status, refused.body[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")
        assert rights.body["records"][0]["PermissionsCustomizeApplication"] is False


@pytest.mark.parametrize(
    ("lacks", "sobject", "row"),
    [
        ("ManageProfilesPermissionsets", "PermissionSet", SET),
        ("AssignPermissionSets", "PermissionSetAssignment", {}),
    ],
)
async def test_permission_sets_need_permissions_too(lacks: str, sobject: str, row: dict[str, str]) -> None:
    async with salesforce_user("plain", lacks=[lacks]) as user:
        refused = await user.call("POST", f"sobjects/{sobject}", row)

        assert refused.body[0]["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


async def test_tooling_soql_finds_fields_that_are_hidden_and_shows_them_whole() -> None:
    async with salesforce_user("prepared", hidden=["Account.FreshBooks_Email__c"]) as user:
        soql = "SELECT Id, TableEnumOrId FROM CustomField WHERE DeveloperName IN ('FreshBooks_Email')"
        found = await user.call("GET", f"tooling/query?q={soql.replace(' ', '+')}")
        row_id = found.body["records"][0]["Id"]

        whole = await user.call("GET", f"tooling/sobjects/CustomField/{row_id}")

        assert (found.body["size"], found.body["done"]) == (1, True)
        assert whole.body["FullName"] == "Account.FreshBooks_Email__c"
        assert whole.body["Metadata"]["type"] == "Email"


async def test_what_the_tooling_api_was_told_it_tells_again() -> None:
    async with salesforce_user("plain") as user:
        row_id = (await _add_field(user)).body["id"]

        whole = await user.call("GET", f"tooling/sobjects/CustomField/{row_id}")

        assert whole.body["Metadata"] == TEXT


async def test_tooling_soql_needs_the_view_of_setup() -> None:
    async with salesforce_user("plain", lacks=["ViewSetup"]) as user:
        field = await user.call("GET", "tooling/query?q=SELECT+Id+FROM+CustomField")
        sets = await user.query("SELECT Id FROM PermissionSet")

        assert field.body[0]["errorCode"] == sets.body[0]["errorCode"] == "INVALID_TYPE"


async def test_userinfo_says_who_asks() -> None:
    async with salesforce_user() as user:
        url = user.sandbox.url + "/services/oauth2/userinfo"
        async with user.session.get(url, headers={"Authorization": f"Bearer {user.token}"}) as answer:
            told = await answer.json()
        async with user.session.get(url, headers={"Authorization": "Bearer wrong"}) as answer:
            refused = answer.status

        assert told["user_id"] == user.sandbox.org.users.integration
        assert told["preferred_username"] == "freshforce@acme.example"
        assert refused == 403


async def test_an_org_of_minimum_access_hides_objects_in_queries_and_upserts_too() -> None:
    async with salesforce_user("bare") as user:
        query = await user.query("SELECT Id FROM Account")
        upsert = await user.upsert_many("Account", "FreshBooks_Client_Id__c", an_account())

        assert query.body[0]["errorCode"] == "INVALID_TYPE"
        assert upsert.status == 404
