from typing import Any

import pytest

from tests.builders.salesforce_user import INVOICE_KEY, KEY, SalesforceUser, an_opportunity, salesforce_user


async def _small_org(user: SalesforceUser) -> dict[str, str]:
    """Two accounts; Alpha has three opportunities, one of them won, Beta none."""
    alpha = await user.create("Account", Name="Alpha", Phone="100%", **{KEY: "a"})
    beta = await user.create("Account", Name="beta's", ParentId=alpha, **{KEY: "b"})
    for number, stage, amount in (
        ("1", "Prospecting", 10),
        ("2", "Closed Won", 30.5),
        ("3", "Prospecting", None),
    ):
        await user.create(
            "Opportunity",
            **an_opportunity(number, StageName=stage, Amount=amount, AccountId=alpha, Name=f"Inv {number}"),
        )
    return {"alpha": alpha, "beta": beta}


async def _names(user: SalesforceUser, soql: str) -> list[Any]:
    seen = await user.query(soql)
    assert seen.status == 200, seen.body
    return [row["Name"] for row in seen.body["records"]]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'ALPHA'", ["Alpha"]),
        ("Name != 'alpha'", ["beta's"]),
        ("Name <> 'alpha'", ["beta's"]),
        (r"Name = 'beta\'s'", ["beta's"]),
        ("Name LIKE 'al%'", ["Alpha"]),
        ("Name LIKE '_eta%'", ["beta's"]),
        (r"Phone LIKE '100\%'", ["Alpha"]),
        (r"Phone LIKE '10\%'", []),
        ("Phone = null", ["beta's"]),
        ("Phone != null", ["Alpha"]),
        ("Name IN ('alpha', 'x')", ["Alpha"]),
        ("Name NOT IN ('alpha', 'x')", ["beta's"]),
        ("NOT Name = 'alpha'", ["beta's"]),
        ("Parent.Name = 'Alpha'", ["beta's"]),
        ("Account.Name = 'Alpha'", ["Alpha"]),
        ("(Name = 'x' OR Name = 'Alpha') AND Phone != null", ["Alpha"]),
        ("Name = 'Alpha' OR Name LIKE 'b%'", ["Alpha", "beta's"]),
        (f"{KEY} IN ('a','b','c')", ["Alpha", "beta's"]),
        (f"{KEY} = 'A'", []),
        ("Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)", ["Alpha"]),
        ("Id NOT IN (SELECT AccountId FROM Opportunity)", ["beta's"]),
        ("CreatedDate = TODAY", ["Alpha", "beta's"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= YESTERDAY AND CreatedDate < TOMORROW", ["Alpha", "beta's"]),
        ("CreatedDate = LAST_N_DAYS:3", ["Alpha", "beta's"]),
        ("CreatedDate > 2001-01-01T00:00:00Z", ["Alpha", "beta's"]),
        ("CreatedDate < 2001-01-01T00:00:00+02:00", []),
        ("Owner.Name = 'Freshforce'", ["Alpha", "beta's"]),
    ],
)
async def test_conditions_on_accounts(where: str, names: list[str]) -> None:
    async with salesforce_user() as user:
        await _small_org(user)

        assert await _names(user, f"SELECT Name FROM Account WHERE {where} ORDER BY Name") == names


@pytest.mark.parametrize(
    ("rest", "names"),
    [
        ("WHERE Amount > 10", ["Inv 2"]),
        ("WHERE Amount >= 10 ORDER BY Amount DESC", ["Inv 2", "Inv 1"]),
        ("WHERE Amount < 10", []),
        ("WHERE Amount = null", ["Inv 3"]),
        ("ORDER BY Amount", ["Inv 3", "Inv 1", "Inv 2"]),
        ("ORDER BY Amount NULLS LAST", ["Inv 1", "Inv 2", "Inv 3"]),
        ("ORDER BY Amount DESC NULLS LAST", ["Inv 2", "Inv 1", "Inv 3"]),
        ("ORDER BY StageName, Name DESC", ["Inv 2", "Inv 3", "Inv 1"]),
        ("ORDER BY Name LIMIT 2", ["Inv 1", "Inv 2"]),
        ("ORDER BY Name LIMIT 2 OFFSET 2", ["Inv 3"]),
        ("WHERE IsWon = TRUE", ["Inv 2"]),
        (
            "WHERE CloseDate = 2026-03-31 AND StageName = 'Prospecting' AND Account.Name LIKE 'Al%'",
            ["Inv 1", "Inv 3"],
        ),
        ("WHERE NOT (IsWon = true OR Amount = null)", ["Inv 1"]),
    ],
)
async def test_conditions_and_order_of_opportunities(rest: str, names: list[str]) -> None:
    async with salesforce_user() as user:
        await _small_org(user)

        assert await _names(user, f"SELECT Name FROM Opportunity {rest}") == names


async def test_an_answer_has_the_recorded_shape_parents_nested() -> None:
    async with salesforce_user() as user:
        ids = await _small_org(user)

        seen = await user.query(
            f"select Name, account.name, Account.Owner.Name from Opportunity where {INVOICE_KEY} = '1'"
        )

        owner_id = user.sandbox.org.users.integration
        row = seen.body["records"][0]
        base = "/services/data/v66.0/sobjects"
        assert seen.body == {"totalSize": 1, "done": True, "records": [row]}
        assert row["attributes"]["type"] == "Opportunity"
        assert row["Account"] == {
            "attributes": {"type": "Account", "url": f"{base}/Account/{ids['alpha']}"},
            "Name": "Alpha",
            "Owner": {"attributes": {"type": "User", "url": f"{base}/User/{owner_id}"}, "Name": "Freshforce"},
        }


async def test_a_row_without_a_parent_shows_null() -> None:
    async with salesforce_user() as user:
        await user.create("Opportunity", **an_opportunity())

        seen = await user.query("SELECT Account.Name FROM Opportunity")

        assert seen.body["records"][0]["Account"] is None


async def test_children_come_as_answers_of_their_own() -> None:
    async with salesforce_user() as user:
        await _small_org(user)

        seen = await user.query(
            "SELECT Name, (SELECT Name FROM Opportunities WHERE Amount != null ORDER BY Amount DESC) "
            "FROM Account ORDER BY Name"
        )

        alpha, beta = seen.body["records"]
        assert alpha["Opportunities"]["totalSize"] == 2
        assert [row["Name"] for row in alpha["Opportunities"]["records"]] == ["Inv 2", "Inv 1"]
        assert beta["Opportunities"] is None


async def test_count_tells_a_number_and_no_rows() -> None:
    async with salesforce_user() as user:
        await _small_org(user)

        seen = await user.query("SELECT COUNT() FROM Opportunity WHERE Amount != null")

        assert seen.body == {"totalSize": 2, "done": True, "records": []}


async def test_pages_lead_from_one_to_the_next() -> None:
    async with salesforce_user(page=2) as user:
        await _small_org(user)

        first = await user.query("SELECT Name FROM Opportunity ORDER BY Name")
        address = first.body["nextRecordsUrl"].removeprefix("/services/data/v66.0/")
        last = await user.call("GET", address)

        assert (first.body["totalSize"], first.body["done"], len(first.body["records"])) == (3, False, 2)
        assert address.startswith("query/01g")
        assert address.endswith("-2")
        assert (last.body["done"], [row["Name"] for row in last.body["records"]]) == (True, ["Inv 3"])
        assert "nextRecordsUrl" not in last.body


async def test_a_page_may_be_asked_smaller_but_not_below_200() -> None:
    async with salesforce_user() as user:
        for number in range(2):
            rows = [{KEY: f"{number}:{n}", "Name": "A"} for n in range(150)]
            await user.upsert_many("Account", KEY, *rows)

        seen = await user.query("SELECT Id FROM Account", Sforce_Query_Options="batchSize=10")

        assert (len(seen.body["records"]), seen.body["totalSize"]) == (200, 300)


async def test_an_unknown_cursor_is_refused() -> None:
    async with salesforce_user() as user:
        seen = await user.call("GET", "query/01gD0000002HU6KIAW-2000")

        assert (seen.status, seen.body[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


async def test_query_all_also_looks_into_the_recycle_bin() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Account", Name="A")
        await user.call("DELETE", f"sobjects/Account/{row_id}")

        live = await user.query("SELECT Id FROM Account")
        every = await user.call("GET", "queryAll?q=SELECT+IsDeleted+FROM+Account+WHERE+IsDeleted=true")

        assert live.body["totalSize"] == 0
        assert [row["IsDeleted"] for row in every.body["records"]] == [True]


async def test_the_stages_of_the_org_say_which_one_is_won() -> None:
    async with salesforce_user() as user:
        seen = await user.query(
            "SELECT ApiName, MasterLabel, IsWon, IsClosed, DefaultProbability FROM OpportunityStage "
            "WHERE IsActive=true AND IsWon=true"
        )

        (stage,) = seen.body["records"]
        assert (stage["ApiName"], stage["IsClosed"], stage["DefaultProbability"]) == (
            "Closed Won",
            True,
            100.0,
        )


async def test_fields_names_whole_groups_and_wants_a_bound() -> None:
    async with salesforce_user() as user:
        await user.create("Account", Name="A")

        standard = await user.query("SELECT FIELDS(STANDARD) FROM Account")
        custom = await user.query("SELECT FIELDS(CUSTOM) FROM Account LIMIT 200")
        unbounded = await user.query("SELECT FIELDS(ALL) FROM Account")

        assert "Name" in standard.body["records"][0]
        assert KEY not in standard.body["records"][0]
        assert KEY in custom.body["records"][0]
        assert unbounded.status == 400


async def test_an_unknown_object_is_said_word_for_word_as_recorded() -> None:
    async with salesforce_user() as user:
        seen = await user.query("select count() from XYZZY")

        assert seen.status == 400
        assert seen.body == [
            {
                "message": "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n"
                "sObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be "
                "sure to append the '__c' after the entity name. Please reference your WSDL or the describe "
                "call for the appropriate names.",
                "errorCode": "INVALID_TYPE",
            }
        ]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount = '1'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE AccountId = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account GROUP BY Name", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Account", "INVALID_TYPE"),
        ("INSERT INTO Account", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(soql: str, code: str) -> None:
    async with salesforce_user() as user:
        seen = await user.query(soql)

        assert (seen.status, seen.body[0]["errorCode"]) == (400, code)
