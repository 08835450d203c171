"""The org as its people set it up: its allowance, its pause, its log-in, its fields."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.salesforce.wire.wire import Reply, Request
from streams.ports import Answer, Applied, TurnedAway
from tests.builders.lanes import (
    Rows,
    applied,
    lanes_to,
    write_all,
)
from tests.builders.salesforce import (
    ACME,
    a_command,
    a_connection,
    a_failed_row,
    a_field,
    a_reply,
    an_account,
    an_error,
)
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate

NO_CALLS_LEFT = a_reply(403, an_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))


def test_used_up_calls_pause_the_org_and_then_it_goes_on() -> None:
    wire = FakeWire()
    wire.next(NO_CALLS_LEFT, NO_CALLS_LEFT)

    answers, seconds = write_all(wire, 3)

    assert applied(answers) == 3
    assert seconds == pytest.approx(600, abs=1)
    assert len(wire.upserts) == 3


def test_a_paused_connection_keeps_its_rows() -> None:
    wire = FakeWire()
    settings = {ACME: a_connection(paused=True)}

    async def story() -> Answer:
        lanes = lanes_to(wire, settings)
        row = asyncio.create_task(lanes.write(an_account(1)))
        await asyncio.sleep(100)
        assert wire.requests == []
        settings[ACME] = a_connection()
        return await row

    assert isinstance(simulate(story()), Applied)


def test_a_refused_log_in_keeps_the_rows_and_names_the_mend() -> None:
    wire = FakeWire()
    refused = iter(
        [a_reply(400, {"error": "invalid_grant", "error_description": "no client credentials user enabled"})]
        * 3
    )

    async def barred(request: Request) -> Reply:
        reply = next(refused, None) if request.url.endswith("/token") else None
        return reply or await wire(request)

    async def story() -> tuple[Answer, float]:
        answer = await lanes_to(barred).write(an_account(1))
        return answer, asyncio.get_running_loop().time()

    with capture_logs() as logs:
        answer, seconds = simulate(story())

    assert isinstance(answer, Applied)
    assert seconds >= 3 * 7.5
    assert {entry["code"] for entry in logs if entry["event"] == "salesforce-rests"} == {"no-run-as-user"}
    assert all("Run As" in entry["mend"] for entry in logs if entry["event"] == "salesforce-rests")


def test_an_org_without_our_external_id_keeps_the_rows_until_it_is_set_up() -> None:
    wire = FakeWire()
    wire.fields = FIELDS | {"Account": [a_field("Name", length=255)]}

    async def story() -> Answer:
        lanes = lanes_to(wire)
        row = asyncio.create_task(lanes.write(an_account(1)))
        await asyncio.sleep(120)
        assert wire.upserts == []
        wire.fields = FIELDS
        return await row

    assert isinstance(simulate(story()), Applied)


def test_a_field_that_the_org_lacks_is_left_out_and_said_once() -> None:
    wire = FakeWire()

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        held = {"Name": "x", "FreshBooks_Paid__c": "CAD 1.00", "CurrencyIsoCode": "CAD"}
        rows = (a_command(external_id=f"A:{n}", client=n, fields=dict(held)) for n in range(1, 301))
        return await asyncio.gather(*(lanes.write(row) for row in rows))

    with capture_logs() as logs:
        answers = simulate(story())

    assert applied(answers) == 300
    said = [entry for entry in logs if entry["event"] == "salesforce-lacks-fields"]
    assert [entry["fields"] for entry in said] == [["Account.FreshBooks_Paid__c"]]
    assert f"setup salesforce {ACME}" in said[0]["mend"]


def test_a_field_that_was_deleted_meanwhile_is_left_out_after_a_second_look() -> None:
    wire = FakeWire()
    refused = an_error("INVALID_FIELD", "No such column 'Phone' on sobject of type Account")

    def judge(_: str, records: Rows) -> Reply | None:
        if not any("Phone" in record for record in records):
            return None
        wire.fields = FIELDS | {"Account": [f for f in FIELDS["Account"] if f["name"] != "Phone"]}
        return a_reply(400, refused)

    wire.judge = judge

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        rows = (
            a_command(external_id=f"A:{n}", client=n, fields={"Name": "x", "Phone": "5"})
            for n in range(1, 51)
        )
        return await asyncio.gather(*(lanes.write(row) for row in rows))

    answers = simulate(story())

    assert applied(answers) == 50
    assert len(wire.upserts) == 2
    assert wire.describes["Account"] == 2


def test_an_object_that_vanished_is_described_again_before_its_next_use() -> None:
    wire = FakeWire()
    wire.next(a_reply(404, an_error("NOT_FOUND", "The requested resource does not exist")))

    answers, _ = write_all(wire, 1)

    assert applied(answers) == 1
    assert wire.describes["Account"] == 2


def test_a_row_that_speaks_for_the_whole_org_makes_it_rest_longer_each_time_until_it_goes_on() -> None:
    wire = FakeWire()
    full = iter([[a_failed_row("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")]] * 3)
    wire.judge = lambda _, __: next(full, None)

    with capture_logs() as logs:
        answers, _ = write_all(wire, 1)

    assert applied(answers) == 1
    rests = [entry["seconds"] for entry in logs if entry["event"] == "salesforce-rests"]
    assert len(rests) == 3
    assert rests[0] <= 15 < rests[2]
    assert [entry["event"] for entry in logs][-1] == "salesforce-goes-on"
    assert [entry["event"] for entry in logs].count("salesforce-goes-on") == 1


@pytest.mark.parametrize("paused", [True, False], ids=["paused before", "resting"])
def test_the_rows_of_a_removed_connection_end_unsent(*, paused: bool) -> None:
    wire = FakeWire()
    wire.next(*[NO_CALLS_LEFT] * 3)
    settings = {ACME: a_connection(paused=paused)}

    async def story() -> list[Answer]:
        lanes = lanes_to(wire, settings)
        rows = [asyncio.create_task(lanes.write(an_account(n))) for n in range(3)]
        await asyncio.sleep(100)
        settings[ACME] = a_connection(removed=True)
        rows.append(asyncio.create_task(lanes.write(an_account(9))))
        return await asyncio.gather(*rows)

    assert simulate(story()) == [TurnedAway()] * 4


def test_the_session_of_a_removed_connection_is_revoked() -> None:
    wire = FakeWire()
    settings = {ACME: a_connection()}

    async def story() -> None:
        lanes = lanes_to(wire, settings)
        await lanes.write(an_account(1))
        settings[ACME] = a_connection(removed=True)
        await lanes.write(an_account(2))
        await asyncio.sleep(1)

    simulate(story())

    assert [each.url for each in wire.requests if each.url.endswith("/revoke")] != []
