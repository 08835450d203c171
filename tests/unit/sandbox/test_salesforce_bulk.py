"""The Bulk API 2.0 of the simulated org, as facts/salesforce.md section 4 has it."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from app.sandbox.salesforce.rules import RowTrouble, Rules
from tests.builders.salesforce_user import KEY, SalesforceUser, salesforce_user

JOBS = "jobs/ingest"
ACCOUNTS = {"object": "Account", "operation": "upsert", "externalIdFieldName": KEY}


async def opened(user: SalesforceUser, sheet: str, **order: str) -> str:
    """Open a job, fill it, and return its id."""
    made = await user.call("POST", JOBS, ACCOUNTS | order)
    assert (made.status, made.body["state"]) == (200, "Open"), made.body
    filled = await user.call("PUT", f"{JOBS}/{made.body['id']}/batches", sheet.encode())
    assert (filled.status, filled.body) == (201, None)
    return str(made.body["id"])


async def closed(user: SalesforceUser, sheet: str, **order: str) -> str:
    """Open a job, fill and close it; return its id."""
    job = await opened(user, sheet, **order)
    seen = await user.call("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"})
    assert (seen.status, seen.body["state"]) == (200, "UploadComplete")
    return job


async def job_of(user: SalesforceUser, job: str) -> dict[str, Any]:
    return dict((await user.call("GET", f"{JOBS}/{job}")).body)


async def sheet_of(user: SalesforceUser, job: str, which: str) -> list[list[str]]:
    seen = await user.call("GET", f"{JOBS}/{job}/{which}/")
    assert (seen.status, seen.headers["Content-Type"].split(";")[0]) == (200, "text/csv")
    return list(csv.reader(io.StringIO(str(seen.body))))


async def test_a_job_creates_changes_and_clears_rows_and_says_which() -> None:
    sheet = f'{KEY},Name,Phone,AnnualRevenue\nA,"Smith, ""Sons""",030,12.5\nB,Beta,,\n'
    async with salesforce_user() as user:
        await closed(user, sheet)
        again = await closed(user, f"{KEY.lower()},Name,Phone\nA,,#N/A\n")

        found = (await user.query("SELECT Name, Phone, AnnualRevenue FROM Account ORDER BY Name")).body[
            "records"
        ]
        told = await sheet_of(user, again, "successfulResults")

        assert [(row["Name"], row["Phone"], row["AnnualRevenue"]) for row in found] == [
            ("Beta", None, None),
            ('Smith, "Sons"', None, 13.0),
        ]
        assert (told[0], told[1][1:]) == (
            ["sf__Id", "sf__Created", KEY.lower(), "Name", "Phone"],
            ["false", "A", "", "#N/A"],
        )


async def test_a_job_goes_from_state_to_state_in_its_own_time() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.bulk_delay(timedelta(minutes=1))
        job = await closed(user, f"{KEY},Name\nA,Alpha\n")

        states = []
        for _ in range(3):
            states.append((await job_of(user, job))["state"])
            user.sandbox.control.advance(timedelta(minutes=1))

        assert states == ["UploadComplete", "InProgress", "JobComplete"]
        assert (await job_of(user, job))["numberRecordsProcessed"] == 1


async def test_a_row_that_fails_leaves_the_others_and_says_why() -> None:
    sheet = f"Name,{KEY},Parent.{KEY}\n{'x' * 256},A,\nBeta,B,\nGamma,C,nobody\n"
    async with salesforce_user() as user:
        job = await closed(user, sheet)

        shown, failed = await job_of(user, job), await sheet_of(user, job, "failedResults")

        assert (shown["state"], shown["numberRecordsProcessed"], shown["numberRecordsFailed"]) == (
            "JobComplete",
            3,
            2,
        )
        assert [row[0] for row in failed] == ["sf__Id", "", ""]
        assert failed[1][1].startswith("STRING_TOO_LONG:Account Name: data value too large")
        assert failed[1][1].endswith(":Name--")
        assert failed[2][1].startswith("INVALID_FIELD:Foreign key external ID: nobody not found")


async def test_locks_strike_rows_of_a_job_too() -> None:
    async with salesforce_user() as user:
        user.sandbox.control.rules(
            Rules(trouble=(RowTrouble(sobject="Account", times=1, keys=frozenset({"B"})),))
        )
        job = await closed(user, f"{KEY},Name\nA,Alpha\nB,Beta\n")

        (_, row) = await sheet_of(user, job, "failedResults")

        assert row[1] == "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"
        assert row[2:] == ["B", "Beta"]


async def test_other_operations_name_rows_by_id() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Account", Name="Alpha")
        await closed(user, f"id;name\r\n{row_id};Beta\r\n", operation="update", columnDelimiter="SEMICOLON")
        renamed = (await user.row("Account", row_id))["Name"]
        await closed(user, f"Id\n{row_id}\n", operation="delete")
        await closed(user, "Name\nGamma\n", operation="insert")

        left = (await user.query("SELECT Name FROM Account")).body["records"]

        assert (renamed, [row["Name"] for row in left]) == ("Beta", ["Gamma"])


@pytest.mark.parametrize("sheet", ["", f"{KEY},Nope\nA,x\n", f"{KEY},Name\nA\n", f'{KEY},Name\nA,"x\n'])
async def test_a_sheet_that_cannot_be_read_fails_the_job(sheet: str) -> None:
    async with salesforce_user() as user:
        job = await closed(user, sheet)

        shown = await job_of(user, job)

        assert (shown["state"], shown["errorMessage"].split(" : ")[0]) == ("Failed", "InvalidBatch")


async def test_a_job_whose_object_went_away_fails_and_the_org_goes_on() -> None:
    async with salesforce_user() as user:
        sheet = "EffectiveDate,Status\n2026-01-01,Draft\n"
        job = await closed(user, sheet, object="Order", operation="insert")
        user.sandbox.control.profile(orders=False)

        assert (await job_of(user, job))["state"] == "Failed"


async def test_an_aborted_job_gives_its_rows_back_and_can_be_deleted() -> None:
    async with salesforce_user() as user:
        job = await opened(user, f"{KEY},Name\nA,Alpha\n")
        early = await user.call("DELETE", f"{JOBS}/{job}")

        aborted = await user.call("PATCH", f"{JOBS}/{job}", {"state": "Aborted"})
        untouched = await sheet_of(user, job, "unprocessedrecords")
        gone = await user.call("DELETE", f"{JOBS}/{job}")
        after = await user.call("GET", f"{JOBS}/{job}")

        assert (early.status, aborted.body["state"], gone.status, after.status) == (400, "Aborted", 204, 404)
        assert untouched == [[KEY, "Name"], ["A", "Alpha"]]


async def test_what_is_no_job_is_refused() -> None:
    async with salesforce_user() as user:
        job = await opened(user, f"{KEY},Name\n")

        refused = [
            await user.call("POST", JOBS, {"object": "Account"}),
            await user.call("PUT", f"{JOBS}/{job}/batches", b""),
            await user.call("PATCH", f"{JOBS}/{job}", {"state": "JobComplete"}),
        ]
        missing = [
            await user.call("POST", JOBS, ACCOUNTS | {"externalIdFieldName": "Phone"}),
            await user.call("GET", f"{JOBS}/{job}/nothing"),
        ]

        assert [seen.body[0]["errorCode"] for seen in refused] == ["INVALID_INPUT", *["INVALIDJOBSTATE"] * 2]
        assert [seen.body[0]["errorCode"] for seen in missing] == ["NOT_FOUND"] * 2
