"""Rows that Salesforce refuses: repeated, halved, parked or given back; never guessed, never lost."""

import asyncio
from itertools import pairwise
from math import log2
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.salesforce.answers.meanings import CODES
from app.salesforce.wire.wire import Reply, Request
from streams.domain.deadletter import retry
from streams.ports import Answer, Applied, ParentMissing, Rejected
from tests.builders.lanes import (
    DOWN,
    Rows,
    applied,
    lanes_to,
    names,
    write_all,
)
from tests.builders.salesforce import (
    ACME,
    a_failed_row,
    a_reply,
    an_account,
    an_error,
    an_opportunity,
)
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

HALF_AN_HOUR = 1800.0


def test_locked_rows_are_repeated_alone_and_the_others_are_not() -> None:
    wire = FakeWire()
    locked = {"ACC1:7": 2, "ACC1:9": 1}

    def judge(_: str, records: Rows) -> list[Any]:
        verdicts: list[Any] = []
        for name in names(records):
            left = locked.get(name, 0)
            locked[name] = left - 1
            verdicts.append(
                a_failed_row("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access") if left > 0 else None
            )
        return verdicts

    wire.judge = judge
    answers, _ = write_all(wire, 200)

    assert applied(answers) == 200
    assert [names(records) for _, records in wire.upserts[1:]] == [["ACC1:7", "ACC1:9"], ["ACC1:7"]]


def test_children_of_a_locked_parent_wait_for_it() -> None:
    wire = FakeWire()
    refused = iter([[a_failed_row("UNABLE_TO_LOCK_ROW", "locked")]])
    wire.judge = lambda _, __: next(refused, None)

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        return list(await asyncio.gather(lanes.write(an_account(1)), lanes.write(an_opportunity(10, 1))))

    answers = simulate(story())

    assert applied(answers) == 2
    assert [sobject for sobject, _ in wire.upserts] == ["Account", "Account", "Opportunity"]


def test_a_newer_command_replaces_a_row_that_waits_for_its_repeat() -> None:
    wire = FakeWire()
    refused = iter([[a_failed_row("UNABLE_TO_LOCK_ROW", "locked")]])
    wire.judge = lambda _, __: next(refused, None)

    async def story() -> tuple[Answer, Answer]:
        lanes = lanes_to(wire)
        old = asyncio.create_task(lanes.write(an_account(1, "Old", version=1)))
        await asyncio.sleep(0.02)
        return await lanes.write(an_account(1, "New", version=2)), await old

    new, _ = simulate(story())

    assert isinstance(new, Applied)
    assert [records[0]["Name"] for _, records in wire.upserts] == ["Old", "New"]


def test_a_newer_command_takes_over_from_a_row_that_failed_on_the_wire() -> None:
    wire = FakeWire()
    refused = iter([DOWN])

    async def slow(_: Request) -> None:
        await asyncio.sleep(0.2)

    def judge(_: str, __: Rows) -> Reply | None:
        return next(refused, None)

    wire.delay, wire.judge = slow, judge

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        old = asyncio.create_task(lanes.write(an_account(1, "Old", version=1)))
        child = asyncio.create_task(lanes.write(an_opportunity(10, 1)))
        await asyncio.sleep(0.5)
        new = asyncio.create_task(lanes.write(an_account(1, "New", version=2)))
        return [await new, await child, await old]

    new, child, _ = simulate(story())

    assert isinstance(new, Applied)
    assert isinstance(child, Applied)
    assert [records[0]["Name"] for _, records in wire.upserts] == ["Old", "New", "Invoice 10"]


@pytest.mark.parametrize("code", ["JSON_PARSER_ERROR", "UNKNOWN_EXCEPTION"])
@pytest.mark.parametrize("poison", [1, 3, 77, 200])
def test_one_poison_row_is_found_by_halving_and_alone_refused(poison: int, code: str) -> None:
    wire = FakeWire()

    def judge(_: str, records: Rows) -> Reply | None:
        refused = a_reply(400, an_error(code, "Cannot deserialize instance of currency"))
        return refused if f"ACC1:{poison}" in names(records) else None

    wire.judge = judge
    answers, _ = write_all(wire, 200)

    assert [n for n, answer in enumerate(answers, 1) if isinstance(answer, Rejected)] == [poison]
    assert applied(answers) == 199
    assert len(wire.upserts) - 1 <= 2 * log2(200) + 1


@pytest.mark.parametrize("poison", [1, 3, 100, 101, 200])
@pytest.mark.parametrize(
    ("code", "says"),
    [("INVALID_FIELD", "No such column 'X' on sobject of type Account"), ("DUPLICATE_VALUE", "taken")],
)
def test_a_row_that_gets_one_more_chance_is_found_in_no_more_calls(poison: int, code: str, says: str) -> None:
    wire = FakeWire()
    refused = a_reply(400, an_error(code, says))
    wire.judge = lambda _, records: refused if f"ACC1:{poison}" in names(records) else None

    answers, _ = write_all(wire, 200)

    assert [n for n, answer in enumerate(answers, 1) if isinstance(answer, Rejected)] == [poison]
    assert len(wire.upserts) - 1 <= 2 * log2(200) + 1


def test_a_batch_too_large_for_a_request_goes_in_two_halves_and_loses_no_row() -> None:
    wire = FakeWire()
    wire.judge = lambda _, records: a_reply(413) if len(records) > 1 else None

    answers, _ = write_all(wire, 7)

    assert applied(answers) == 7


def test_halving_stops_while_the_org_is_down_and_loses_nothing() -> None:
    wire = FakeWire()
    calls = []

    def judge(_: str, records: Rows) -> Reply | None:
        calls.append(asyncio.get_running_loop().time())
        if 2 <= len(calls) <= 4:
            return DOWN
        poisoned = "ACC1:77" in names(records)
        return a_reply(400, an_error("JSON_PARSER_ERROR", "no")) if poisoned else None

    wire.judge = judge
    answers, _ = write_all(wire, 200)

    assert applied(answers) == 199
    assert all(later - sooner > 0.1 for sooner, later in pairwise(calls[1:5]))


def test_a_whole_request_refused_for_a_missing_parent_parks_that_row_alone() -> None:
    wire = FakeWire()
    said = an_error("INVALID_FIELD", "Foreign key external ID: X not found for field E__c in entity Account")
    wire.judge = lambda _, records: a_reply(400, said) if "ACC1:3" in names(records) else None

    answers, _ = write_all(wire, 8)

    assert answers[2] == ParentMissing("INVALID_FIELD")
    assert applied(answers) == 7


def test_a_race_for_a_unique_value_is_cured_by_one_repeat() -> None:
    wire = FakeWire()
    refused = iter([[a_failed_row("DUPLICATE_VALUE", "duplicate value found: E__c duplicates value")]])
    wire.judge = lambda _, __: next(refused, None)

    answers, _ = write_all(wire, 1)

    assert applied(answers) == 1


def test_a_unique_value_that_is_taken_for_good_is_refused_with_its_mend() -> None:
    wire = FakeWire()
    said = "duplicate value found: E__c duplicates value on record with id: 001000000000007"
    wire.judge = lambda _, records: [a_failed_row("DUPLICATE_VALUE", said)] * len(records)

    answers, _ = write_all(wire, 1)

    assert isinstance(answers[0], Rejected)
    assert answers[0].code == "DUPLICATE_VALUE"
    assert answers[0].fields == ("E__c",)
    assert "001000000000007" in answers[0].reason
    assert answers[0].mend
    assert len(wire.upserts) == 2


def test_a_refused_row_says_record_cause_field_and_mend() -> None:
    wire = FakeWire()
    failed = a_failed_row("REQUIRED_FIELD_MISSING", "Required fields are missing: [Own__c]", "Own__c")
    wire.judge = lambda _, __: [failed]

    answers, _ = write_all(wire, 1)

    words = CODES["REQUIRED_FIELD_MISSING"]
    assert answers == [
        Rejected(
            "REQUIRED_FIELD_MISSING",
            "Account ACC1:1: the org requires the field (Own__c)",
            f"{words.mend}, then {retry('REQUIRED_FIELD_MISSING')}; or {words.instead}",
            ("Own__c",),
        )
    ]


def test_rows_of_an_object_that_our_user_may_no_longer_change_wait_until_he_may() -> None:
    no_right = a_failed_row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be updated: Account")
    wire = FakeWire(judge=lambda it, rows: [no_right] * len(rows) if it in wire.barred else None)
    wire.barred.add("Account")

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        written = asyncio.gather(*(lanes.write(an_account(number)) for number in range(1, 4)))
        await asyncio.sleep(HALF_AN_HOUR)
        assert not written.done()
        wire.barred.clear()
        return await written

    with capture_logs() as events:
        answers = simulate(story())

    assert applied(answers) == 3
    (told, *_) = [it for it in events if it["event"] == "salesforce-rests"]
    assert "may not create or edit Account" in told["reason"]
    assert f"freshforce setup salesforce {ACME}" in told["mend"]


def test_a_trigger_that_refuses_a_row_with_the_same_code_makes_a_dead_letter_of_it() -> None:
    failed = a_failed_row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "execution of BeforeUpdate caused by: x")

    answers, _ = write_all(FakeWire(judge=lambda _, rows: [failed, *[None] * (len(rows) - 1)]), 2)

    assert [type(answer) for answer in answers] == [Rejected, Applied]
