import pytest

from tests.builders.salesforce_user import KEY, SalesforceUser, Seen, salesforce_user

BASE = "/services/data/v66.0"


def _part(name: str, method: str, path: str, body: object = None) -> dict[str, object]:
    part: dict[str, object] = {"referenceId": name, "method": method, "url": f"{BASE}/{path}"}
    return part if body is None else part | {"body": body}


async def _composite(user: SalesforceUser, *parts: dict[str, object], all_or_none: bool = False) -> Seen:
    return await user.call("POST", "composite", {"allOrNone": all_or_none, "compositeRequest": list(parts)})


async def test_a_later_part_uses_what_an_earlier_one_answered() -> None:
    async with salesforce_user() as user:
        seen = await _composite(
            user,
            _part("NewAccount", "POST", "sobjects/Account", {"Name": "A"}),
            _part(
                "NewContact", "POST", "sobjects/Contact", {"LastName": "B", "AccountId": "@{NewAccount.id}"}
            ),
            _part("Read", "GET", "sobjects/Contact/@{NewContact.id}?fields=AccountId"),
        )

        made, contact, read = seen.body["compositeResponse"]
        account_id = made["body"]["id"]
        assert seen.status == 200
        assert made == {
            "body": {"id": account_id, "success": True, "errors": []},
            "httpHeaders": {"Location": f"{BASE}/sobjects/Account/{account_id}"},
            "httpStatusCode": 201,
            "referenceId": "NewAccount",
        }
        assert contact["httpStatusCode"] == 201
        assert read["body"]["AccountId"] == account_id
        assert seen.headers["Sforce-Limit-Info"] == "api-usage=1/100000"


async def test_a_failed_part_is_told_in_its_place_and_the_others_stand() -> None:
    async with salesforce_user() as user:
        seen = await _composite(
            user, _part("X", "GET", "sobjects/Foo"), _part("Y", "POST", "sobjects/Account", {"Name": "A"})
        )

        missing = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
        failed, made = seen.body["compositeResponse"]
        assert failed == {"body": missing, "httpHeaders": {}, "httpStatusCode": 404, "referenceId": "X"}
        assert made["httpStatusCode"] == 201


async def test_all_or_none_takes_back_the_innocent_in_the_recorded_words() -> None:
    async with salesforce_user() as user:
        await user.upsert_many("Account", KEY, {KEY: "a", "Name": "before"})

        seen = await _composite(
            user,
            _part("A", "PATCH", f"sobjects/Account/{KEY}/a", {"Name": "after"}),
            _part("B", "POST", "sobjects/Account", {"Phone": "1"}),
            _part("C", "POST", "sobjects/Account", {"Name": "C"}),
            all_or_none=True,
        )

        halted = {
            "errorCode": "PROCESSING_HALTED",
            "message": "The transaction was rolled back since another operation in the same transaction "
            "failed.",
        }
        first, culprit, last = seen.body["compositeResponse"]
        assert seen.status == 200
        assert (first["httpStatusCode"], first["body"]) == (400, [halted])
        assert (last["httpStatusCode"], last["body"]) == (400, [halted])
        assert culprit["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
        assert [row["Name"] for row in user.sandbox.control.people.rows("Account")] == ["before"]


async def test_references_are_exact_and_keep_their_type() -> None:
    async with salesforce_user() as user:
        employees = ".records[0].NumberOfEmployees"
        await user.create("Account", Name="A", NumberOfEmployees=7)

        seen = await _composite(
            user,
            _part("Found", "GET", "query?q=SELECT+NumberOfEmployees+FROM+Account"),
            _part(
                "Copy",
                "POST",
                "sobjects/Account",
                {"Name": "B", "NumberOfEmployees": f"@{{Found{employees}}}"},
            ),
            _part("Wrong", "POST", "sobjects/Account", {"Name": f"@{{found{employees}}}"}),
        )

        _, copy, wrong = seen.body["compositeResponse"]
        assert (await user.row("Account", copy["body"]["id"]))["NumberOfEmployees"] == 7
        assert wrong["httpStatusCode"] == 400


@pytest.mark.parametrize(
    "parts",
    [
        [_part(f"p{n}", "GET", "limits") for n in range(26)],
        [_part(f"p{n}", "GET", "query?q=SELECT+Id+FROM+Account") for n in range(6)],
        [_part("same", "GET", "limits"), _part("same", "GET", "limits")],
        [{"method": "GET"}],
    ],
)
async def test_what_is_too_much_or_unclear_refuses_the_whole(parts: list[dict[str, object]]) -> None:
    async with salesforce_user() as user:
        seen = await _composite(user, *parts)

        assert seen.status == 400


async def test_five_collections_of_200_rows_are_one_call() -> None:
    async with salesforce_user() as user:
        parts = []
        for n in range(5):
            rows = [
                {"attributes": {"type": "Account"}, KEY: f"{n}:{each}", "Name": "A"} for each in range(200)
            ]
            parts.append(_part(f"p{n}", "PATCH", f"composite/sobjects/Account/{KEY}", {"records": rows}))

        seen = await _composite(user, *parts)

        assert [len(part["body"]) for part in seen.body["compositeResponse"]] == [200] * 5
        assert user.sandbox.control.counters()["total"] == 1


async def test_a_batch_asks_independent_questions_and_may_halt() -> None:
    async with salesforce_user() as user:
        requests = [
            {"method": "GET", "url": "v66.0/limits"},
            {"method": "GET", "url": "v66.0/sobjects/Foo"},
            {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "A"}},
        ]

        on = await user.call("POST", "composite/batch", {"batchRequests": requests})
        halting = await user.call("POST", "composite/batch", {"batchRequests": requests, "haltOnError": True})

        assert on.body["hasErrors"] is True
        assert [each["statusCode"] for each in on.body["results"]] == [200, 404, 201]
        assert [each["statusCode"] for each in halting.body["results"]] == [200, 404, 412]
