import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientConnectionError

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.rules import DuplicateRule, RowTrouble, Rules, ValidationRule
from tests.builders.salesforce_user import INVOICE_KEY, KEY, an_account, an_opportunity, salesforce_user

UPSERTS = "*/composite/sobjects/*"


def _faults(kind: FaultKind, status: int = 503, seconds: float = 0.0, code: str = "") -> Faults:
    rule = Rule(kind=kind, path="/services/data/*", status=status, seconds=seconds, code=code)
    return Faults(rules=(rule,))


async def test_every_answer_says_what_of_the_allowance_is_used_errors_too() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.limit(daily=5000, used=17)

        seen = [await user.call("GET", path) for path in ("limits", "sobjects/Foo", "query?q=x")]

        told = [each.headers["Sforce-Limit-Info"] for each in seen]
        assert told == ["api-usage=18/5000", "api-usage=19/5000", "api-usage=20/5000"]


async def test_past_the_allowance_every_call_is_403_until_the_day_rolls_on() -> None:
    async with salesforce_user() as user:
        control = user.sandbox.control
        control.limit(daily=2)
        await user.call("GET", "limits")
        control.advance(timedelta(hours=1))
        await user.call("GET", "limits")

        refused = await user.call("GET", "limits")
        control.advance(timedelta(hours=23))
        await user.login()
        again = await user.call("GET", "limits")

        exceeded = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
        assert (refused.status, refused.body) == (403, exceeded)
        assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
        assert (again.status, again.body["DailyApiRequests"]) == (200, {"Max": 2, "Remaining": 0})


async def test_too_many_long_calls_at_once_are_refused() -> None:
    async with salesforce_user() as user:
        control = user.sandbox.control
        control.limit(long_running=1)
        control.faults(Faults(rules=(Rule(kind=FaultKind.DELAY, path="*/limits", seconds=0.3, next=2),)))
        slow = [asyncio.create_task(user.call("GET", "limits")) for _ in range(2)]
        await asyncio.sleep(0.1)
        control.advance(timedelta(seconds=21))

        refused = await user.call("GET", "sobjects")

        assert refused.status == 403
        assert refused.body[0]["message"] == "ConcurrentPerOrgLongTxn Limit exceeded."
        await asyncio.gather(*slow)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "INVALID_SESSION_ID"),
        (403, "REQUEST_LIMIT_EXCEEDED"),
        (500, "UNKNOWN_EXCEPTION"),
        (502, "UNKNOWN_EXCEPTION"),
        (503, "SERVER_UNAVAILABLE"),
        (420, "UNKNOWN_EXCEPTION"),
    ],
)
async def test_an_injected_refusal_is_worded_as_salesforce_words_it_and_has_no_effect(
    status: int, code: str
) -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(_faults(FaultKind.ANSWER, status))

        seen = await user.upsert_many("Account", KEY, an_account())

        assert (seen.status, seen.body[0]["errorCode"]) == (status, code)
        assert "Sforce-Limit-Info" in seen.headers
        assert user.sandbox.control.people.rows("Account") == []


async def test_an_injected_code_has_its_own_words() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(_faults(FaultKind.ANSWER, 400, code="UNABLE_TO_LOCK_ROW"))

        seen = await user.call("GET", "limits")

        told = "unable to obtain exclusive access to this record"
        assert (seen.status, seen.body) == (400, [{"message": told, "errorCode": "UNABLE_TO_LOCK_ROW"}])


async def test_the_edge_may_answer_with_a_web_page() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(_faults(FaultKind.HTML, 502))

        seen = await user.call("GET", "limits")

        assert (seen.status, seen.headers["Content-Type"].split(";")[0]) == (502, "text/html")
        assert seen.body.startswith("<html>")


async def test_a_200_may_hold_fewer_results_than_rows() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(_faults(FaultKind.ERRORS_IN_200, code="UNABLE_TO_LOCK_ROW"))

        seen = await user.upsert_many("Account", KEY, an_account("A"), an_account("B"))

        assert (seen.status, len(seen.body)) == (200, 1)
        assert seen.body[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


async def test_a_lost_answer_took_effect_and_the_repeat_changes_the_same_row() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(
            Faults(rules=(Rule(kind=FaultKind.LOST_ANSWER, method="PATCH", path=UPSERTS, next=1),))
        )
        with pytest.raises(ClientConnectionError):
            await user.upsert_many("Account", KEY, an_account("A"))

        again = await user.upsert_many("Account", KEY, an_account("A"))

        assert again.body[0]["created"] is False
        assert len(user.sandbox.control.people.rows("Account")) == 1


async def test_a_broken_connection_had_no_effect() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.faults(Faults(rules=(Rule(kind=FaultKind.RESET, path=UPSERTS, method="PATCH"),)))

        with pytest.raises(ClientConnectionError):
            await user.upsert_many("Account", KEY, an_account("A"))

        assert user.sandbox.control.people.rows("Account") == []


async def test_a_lock_takes_so_many_rows_of_so_many_requests() -> None:
    async with salesforce_user(seed=5) as user:
        user.sandbox.control.rules(Rules(trouble=(RowTrouble(sobject="Account", rows=2, times=2),)))
        rows = [an_account(str(n)) for n in range(10)]

        seen = [await user.upsert_many("Account", KEY, *rows) for _ in range(3)]

        failed = [[result for result in each.body if not result["success"]] for each in seen]
        assert [len(each) for each in failed] == [2, 2, 0]
        assert failed[0][0]["errors"] == [
            {
                "statusCode": "UNABLE_TO_LOCK_ROW",
                "message": "unable to obtain exclusive access to this record",
                "fields": [],
            }
        ]


async def test_a_lock_may_be_about_one_row_and_strikes_single_calls_too() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.rules(Rules(trouble=(RowTrouble(sobject="Account", keys=frozenset({"B"})),)))

        many = await user.upsert_many("Account", KEY, an_account("A"), an_account("B"))
        one = await user.call("PATCH", f"sobjects/Account/{KEY}/B", {"Name": "B"})

        assert [result["success"] for result in many.body] == [True, False]
        assert (one.status, one.body[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")


async def test_every_validation_rule_that_is_broken_is_told() -> None:
    async with salesforce_user() as user:
        rules = (
            ValidationRule(
                sobject="Opportunity", refuse_when="Amount = null", message="Amount please", field="Amount"
            ),
            ValidationRule(sobject="Opportunity", refuse_when="Account.Name LIKE 'X%'", message="Not X"),
            ValidationRule(sobject="Opportunity", refuse_when="Name = 'other'", message="Not other"),
        )
        user.sandbox.control.rules(Rules(validation=rules))
        await user.upsert_many("Account", KEY, an_account("A", Name="Xavier"))

        seen = await user.call("POST", "sobjects/Opportunity", an_opportunity(Account={KEY: "A"}))
        fine = await user.upsert_many("Opportunity", INVOICE_KEY, an_opportunity(Amount=1))

        code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert seen.status == 400
        assert seen.body == [
            {"message": "Amount please", "errorCode": code, "fields": ["Amount"]},
            {"message": "Not X", "errorCode": code, "fields": []},
        ]
        assert fine.body[0]["success"] is True


async def test_a_duplicate_rule_shows_what_it_found_and_may_be_overruled() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.rules(Rules(duplicates=(DuplicateRule(sobject="Account", fields=("Name",)),)))
        first = await user.create("Account", Name="Alpha")

        refused = await user.upsert_many("Account", KEY, an_account("A", Name="ALPHA"))
        single = await user.call("POST", "sobjects/Account", {"Name": "alpha"})
        saved = await user.call(
            "POST", "sobjects/Account", {"Name": "alpha"}, Sforce_Duplicate_Rule_Header="allowSave=true"
        )

        error = refused.body[0]["errors"][0]
        found = error["duplicateResult"]["matchResults"][0]
        assert (error["statusCode"], error["message"]) == ("DUPLICATES_DETECTED", "Use one of these records?")
        assert found["matchRecords"][0]["record"] == {"attributes": {"type": "Account"}, "Id": first}
        assert (found["size"], error["duplicateResult"]["allowSave"]) == (1, True)
        assert (single.status, single.body[0]["errorCode"]) == (400, "DUPLICATES_DETECTED")
        assert saved.status == 201


@pytest.mark.parametrize(("letters", "status"), [(16_000, 400), (16_400, 414)])
async def test_an_address_beyond_the_limit_is_414(letters: int, status: int) -> None:
    async with salesforce_user() as user:
        seen = await user.call("GET", "query?q=" + "x" * letters)

        assert seen.status == status


async def test_headers_beyond_the_limit_are_431() -> None:
    async with salesforce_user() as user:
        seen = await user.call("GET", "limits", X_Long="x" * 8_000, X_Longer="x" * 8_000, X_More="x" * 800)

        assert seen.status == 431
