"""A row's own result says that Salesforce failed inside (`UNKNOWN_EXCEPTION`), in an answer that is a 200."""

import asyncio
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.salesforce.lanes.blame import AT_LAST
from app.salesforce.lanes.lanes import Lanes
from streams.ports import Answer, Applied, Rejected, Replaced
from tests.builders.lanes import Rows, all_of, applied, lanes_to, names, write_all
from tests.builders.salesforce import a_failed_row, a_reply, an_account
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

FAILED = a_failed_row(
    "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-2 (3)"
)
HOUR, MINUTE = 3600.0, 60.0


def failing_over(*bad: int) -> FakeWire:
    """Return an org that fails over these Accounts, and takes all others of the same request."""
    its = {f"ACC1:{number}" for number in bad}
    return FakeWire(judge=lambda _, records: [FAILED if it in its else None for it in names(records)])


def spoiling(bad: int) -> FakeWire:
    """Return an org that fails over all rows of a request with this one."""
    return FakeWire(
        judge=lambda _, records: [FAILED] * len(records) if f"ACC1:{bad}" in names(records) else None
    )


def the_refused(answers: list[Answer]) -> list[int]:
    return [n for n, answer in enumerate(answers, 1) if isinstance(answer, Rejected)]


async def one_a_minute(lanes: Lanes, first: int) -> None:
    for number in range(first, first + 10):
        await asyncio.sleep(MINUTE)
        await lanes.write(an_account(number))


def test_a_row_that_fails_thrice_while_others_are_taken_becomes_a_dead_letter() -> None:
    wire = failing_over(7)

    async def story() -> Answer:
        lanes = lanes_to(wire)
        failing = asyncio.ensure_future(lanes.write(an_account(7)))
        await one_a_minute(lanes, 100)
        return await failing

    answer = simulate(story())

    assert isinstance(answer, Rejected)
    assert (answer.code, "ACC1:7" in answer.reason) == ("UNKNOWN_EXCEPTION", True)
    assert "open a case" in answer.mend
    assert len(wire.upserts) < 10 + 3 + 20


def test_a_row_that_somebody_in_between_refuses_with_a_page_is_found_and_said_so() -> None:
    page = a_reply(400, page="<html>Request blocked</html>")
    wire = FakeWire(judge=lambda _, records: page if "ACC1:7" in names(records) else None)

    async def story() -> Answer:
        lanes = lanes_to(wire)
        failing = asyncio.ensure_future(lanes.write(an_account(7)))
        await one_a_minute(lanes, 100)
        return await failing

    answer = simulate(story())

    assert isinstance(answer, Rejected)
    assert (answer.code, "proxy or firewall" in answer.mend) == ("HTTP_400", True)


def test_others_of_its_own_batch_say_as_much_as_others_after_it() -> None:
    wire = failing_over(7, 8)

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        bad = [asyncio.ensure_future(lanes.write(an_account(it))) for it in (7, 8)]
        for state in range(1, 40):
            await all_of(lanes, *(an_account(it, version=state) for it in (1, 2, 3)))
            await asyncio.sleep(1)
        return list(await asyncio.gather(*bad))

    answers = simulate(story())

    assert [type(it) for it in answers] == [Rejected, Rejected]


def test_a_trouble_of_seconds_that_strikes_here_and_there_buries_nothing() -> None:
    wire, chance = FakeWire(), Random(7)

    def judge(_: str, records: Rows) -> list[Any] | None:
        over = asyncio.get_running_loop().time() > 10
        return [None if over or chance.random() < 0.2 else FAILED for _ in records]

    wire.judge = judge
    answers, _ = write_all(wire, 200)

    assert applied(answers) == 200


def test_a_row_that_spoils_its_whole_batch_is_found_and_no_other_is_buried_for_it() -> None:
    wire = spoiling(7)

    answers, seconds = write_all(wire, 200)

    assert the_refused(answers) == [7]
    assert applied(answers) == 199
    assert seconds < 20 * MINUTE


@pytest.mark.parametrize("count", [20, 300])
def test_while_salesforce_fails_over_every_row_none_is_buried_and_few_calls_are_made(count: int) -> None:
    wire = FakeWire()
    wire.judge = lambda _, records: (
        [FAILED] * len(records) if asyncio.get_running_loop().time() < 2 * HOUR else None
    )

    answers, seconds = write_all(wire, count)

    assert applied(answers) == count
    assert seconds < 3 * HOUR
    assert len(wire.upserts) < 400


def test_a_row_beside_which_nothing_moves_is_said_to_fail_and_buried_at_last() -> None:
    wire = failing_over(1)

    with capture_logs() as logs:
        answers, seconds = write_all(wire, 1)

    assert the_refused(answers) == [1]
    assert len(wire.upserts) == AT_LAST
    assert 5 * MINUTE < seconds < 20 * MINUTE
    rests = [it for it in logs if it["event"] == "salesforce-rests"]
    assert {(it["log_level"], it["code"]) for it in rests} == {("warning", "UNKNOWN_EXCEPTION")}


@pytest.mark.parametrize("count", [2, 5])
def test_while_salesforce_fails_over_every_row_for_hours_no_two_are_buried_at_once(
    count: int,
) -> None:
    wire, buried = failing_over(*range(1, count + 1)), list[float]()

    async def story() -> None:
        lanes = lanes_to(wire)
        failing = [asyncio.ensure_future(lanes.write(an_account(it))) for it in range(1, count + 1)]
        for each in asyncio.as_completed(failing):
            assert isinstance(await each, Rejected)
            buried.append(asyncio.get_running_loop().time())

    simulate(story())

    assert len(buried) == count
    assert all(later - earlier > 8 * MINUTE for earlier, later in pairwise(buried))


def test_a_newer_state_of_a_failing_row_is_tried_as_if_nothing_had_failed() -> None:
    wire, states = FakeWire(), list[str]()

    def judge(_: str, records: Rows) -> list[Any] | None:
        states.append(records[0]["Name"])
        return [FAILED] if states.count("New") < AT_LAST else None

    async def story() -> Answer:
        lanes = lanes_to(wire)
        bad = asyncio.ensure_future(lanes.write(an_account(1, "Old")))
        await asyncio.sleep(5 * MINUTE)
        newer = await lanes.write(an_account(1, "New", version=2))
        assert isinstance(await bad, Replaced)
        return newer

    wire.judge = judge

    assert isinstance(simulate(story()), Applied)
    assert AT_LAST / 3 < states.count("Old") < AT_LAST
