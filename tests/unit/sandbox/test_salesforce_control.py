from typing import Any

from aiohttp import ClientSession

from tests.builders.salesforce_user import KEY, an_account, an_opportunity, salesforce_user


async def _ask(session: ClientSession, method: str, url: str, body: Any = None) -> tuple[int, Any]:
    async with session.request(method, url, json=body) as answer:
        return answer.status, await answer.json()


async def test_a_person_writes_without_the_api_and_is_known_as_the_writer() -> None:
    async with salesforce_user(hidden=["Account.Phone"]) as user:
        people, org = user.sandbox.control.people, user.sandbox.org

        (row_id,) = people.insert("Account", {"Name": "Typed", "Phone": "1"})
        people.edit("Account", row_id, {"Phone": "2"})

        row = await user.row("Account", row_id)
        assert (row["CreatedById"], row["LastModifiedById"]) == (org.users.person, org.users.person)
        assert people.rows("Account")[0]["Phone"] == "2"
        assert user.sandbox.control.counters()["total"] == 1


async def test_what_the_api_writes_after_a_person_is_its_own() -> None:
    async with salesforce_user() as user:
        org = user.sandbox.org
        (row_id,) = user.sandbox.control.people.insert(
            "Opportunity", an_opportunity(StageName="Qualification")
        )

        await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"NextStep": "call"})

        row = await user.row("Opportunity", row_id)
        assert (row["CreatedById"], row["LastModifiedById"]) == (org.users.person, org.users.integration)


async def test_a_deleted_account_takes_its_contacts_and_deals_along_and_brings_them_back() -> None:
    async with salesforce_user() as user:
        people = user.sandbox.control.people
        account = await user.create("Account", **an_account("A"))
        await user.create("Contact", LastName="B", AccountId=account)
        deal = await user.create("Opportunity", **an_opportunity(AccountId=account))
        child = await user.create("Account", Name="Child", ParentId=account)

        people.delete("Account", account)
        gone = [len(people.rows(each)) for each in ("Account", "Contact", "Opportunity")]
        orphan = (await user.row("Account", child))["ParentId"]
        people.undelete("Account", account)

        assert gone == [1, 0, 0]
        assert orphan is None
        assert [len(people.rows(each)) for each in ("Account", "Contact", "Opportunity")] == [2, 1, 1]
        assert (await user.row("Opportunity", deal))["AccountId"] == account
        assert (await user.upsert_many("Account", KEY, an_account("A"))).body[0]["id"] == account


async def test_a_row_does_not_come_back_when_its_key_is_taken_by_now() -> None:
    async with salesforce_user() as user:
        first = await user.create("Account", **an_account("A"))
        user.sandbox.control.people.delete("Account", first)
        await user.create("Account", **an_account("A"))

        async with user.session.post(f"{user.sandbox.url}/_sandbox/rows/Account/{first}/undelete") as answer:
            body = await answer.json()

        assert (answer.status, body[0]["errorCode"]) == (400, "DUPLICATE_VALUE")
        assert len(user.sandbox.control.people.rows("Account")) == 1


async def test_the_backstage_is_reached_over_http() -> None:
    async with salesforce_user("plain") as user:
        stage = f"{user.sandbox.url}/_sandbox"
        session = user.session

        profile = await _ask(session, "PUT", f"{stage}/profile", {"name": "prepared", "page": 50})
        made = await _ask(session, "POST", f"{stage}/rows/Account", [an_account("A"), an_account("B")])
        row_id = made[1]["ids"][0]
        await _ask(session, "PUT", f"{stage}/history")
        await _ask(session, "PATCH", f"{stage}/rows/Account/{row_id}", {"Phone": "1"})
        history = await _ask(session, "GET", f"{stage}/history/{row_id}")
        await _ask(session, "DELETE", f"{stage}/rows/Account/{row_id}")
        live = await _ask(session, "GET", f"{stage}/rows/Account")
        every = await _ask(session, "GET", f"{stage}/rows/Account?deleted=true")
        limit = await _ask(session, "PUT", f"{stage}/limit", {"daily": 10, "used": 9})
        revoked = await _ask(session, "DELETE", f"{stage}/sessions")

        assert profile[1]["page"] == 50
        assert [change["Phone"] for change in history[1]] == ["1"]
        assert (len(live[1]), len(every[1])) == (1, 2)
        assert limit == (200, {"api_usage": "api-usage=9/10"})
        assert revoked == (200, {"revoked": 1})


async def test_rules_faults_and_login_troubles_are_set_over_http() -> None:
    async with salesforce_user() as user:
        stage = f"{user.sandbox.url}/_sandbox"
        rules = {"trouble": [{"sobject": "Account", "times": 1}]}
        fault = {"rules": [{"kind": "answer", "path": "*/limits", "status": 500}]}
        for path, wish in (("rules", rules), ("faults", fault), ("auth", {"trouble": "no-run-as-user"})):
            status, _ = await _ask(user.session, "PUT", f"{stage}/{path}", wish)
            assert status == 200

        locked = await user.upsert_many("Account", KEY, an_account())
        broken = await user.call("GET", "limits")
        refused = await user.ask_token()
        counters = await _ask(user.session, "GET", f"{stage}/counters")

        assert locked.body[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
        assert broken.status == 500
        assert refused.body["error_description"] == "no client credentials user enabled"
        assert counters[1]["rows_per_call"] == {"upsert Account": {"1": 1}}
        assert counters[1]["written"] == {"refused": 1}
        assert counters[1]["faults"] == {"answer": 1}


async def test_a_wish_that_is_not_understood_is_422_and_changes_nothing() -> None:
    async with salesforce_user() as user:
        stage = f"{user.sandbox.url}/_sandbox"

        seen = [
            await _ask(user.session, "PUT", f"{stage}/{path}", wish)
            for path, wish in (
                ("rules", {"nonsense": 1}),
                ("faults", {"rules": [{"kind": "flood"}]}),
                ("profile", {"name": "nowhere"}),
                ("limit", {"weekly": 1}),
                ("auth", {}),
            )
        ]

        assert [status for status, _ in seen] == [422] * 5


async def test_history_forgets_what_was_taken_back() -> None:
    async with salesforce_user() as user:
        control = user.sandbox.control
        row_id = await user.create("Account", **an_account("A"))
        control.keep_history()

        await user.upsert_many(
            "Account", KEY, an_account("A", Name="B"), an_account("C", Name=""), all_or_none=True
        )
        await user.upsert_many("Account", KEY, an_account("A", Name="D"))

        assert [change["Name"] for change in control.history(row_id)] == ["D"]


async def test_counters_tell_calls_by_endpoint_and_begin_again() -> None:
    async with salesforce_user() as user:
        control = user.sandbox.control
        await user.upsert_many("Account", KEY, an_account("A"), an_account("B"))
        await user.call("GET", "sobjects/Foo/describe")
        counted = control.counters()
        control.reset_counters()

        assert counted["calls"] == {
            "PATCH composite/sobjects/{type}/{key}": 1,
            "GET sobjects/{type}/describe": 1,
        }
        assert counted["statuses"] == {"200": 1, "404": 1}
        assert counted["written"] == {"created": 2}
        assert control.counters()["total"] == 0
