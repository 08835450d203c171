"""No verdict from Salesforce: outages, lost answers, dead sessions, answers that do not add up."""

import asyncio

import pytest

from app.salesforce.wire.wire import Reply, Request
from streams.domain.errors import Unreachable
from streams.ports import Answer, Applied, Rejected
from tests.builders.lanes import (
    DOWN,
    LOST,
    Rows,
    applied,
    lanes_to,
    names,
    write_all,
)
from tests.builders.salesforce import (
    a_reply,
    an_account,
    an_error,
)
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate


@pytest.mark.parametrize(
    "reply",
    [
        DOWN,
        LOST,
        a_reply(500, an_error("UNKNOWN_EXCEPTION", "An unexpected error occurred.")),
        a_reply(400, an_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
        a_reply(200, []),
        a_reply(200, page="<html>sign in to the hotel</html>"),
    ],
)
def test_a_request_without_a_verdict_is_sent_again(reply: Reply | Unreachable) -> None:
    wire = FakeWire()
    wire.next(reply, reply)

    answers, _ = write_all(wire, 10)

    assert applied(answers) == 10
    assert len(wire.rows) == 10


def test_an_answer_lost_after_the_rows_were_written_makes_no_second_row() -> None:
    wire = FakeWire()

    async def written_but_unsaid(request: Request) -> Reply:
        reply = await wire(request)
        if "/composite/" in request.url and len(wire.upserts) == 1:
            raise LOST
        return reply

    async def story() -> Answer:
        return await lanes_to(written_but_unsaid).write(an_account(1))

    answer = simulate(story())

    assert isinstance(answer, Applied)
    assert not answer.created
    assert len(wire.rows) == 1


def test_an_outage_of_an_hour_costs_few_calls_and_loses_nothing() -> None:
    wire = FakeWire()
    until = 3600.0

    def judge(_: str, __: Rows) -> Reply | None:
        return DOWN if asyncio.get_running_loop().time() < until else None

    wire.judge = judge
    answers, seconds = write_all(wire, 300)

    assert applied(answers) == 300
    assert until <= seconds <= until + 61
    assert len(wire.upserts) <= 130


@pytest.mark.parametrize(
    "choked",
    [
        a_reply(500, an_error("UNKNOWN_EXCEPTION", "An unexpected error occurred.")),
        a_reply(400, an_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
        a_reply(200, [{"success": True}]),
    ],
    ids=["failed", "locked", "muddled"],
)
def test_batches_shrink_when_the_server_chokes_on_them(choked: Reply) -> None:
    wire = FakeWire()

    def judge(_: str, records: Rows) -> Reply | None:
        return choked if len(records) > 60 else None

    wire.judge = judge
    answers, _ = write_all(wire, 200)

    assert applied(answers) == 200
    sizes = [len(records) for _, records in wire.upserts]
    assert sizes[:3] == [200, 100, 50]


def test_a_row_over_which_the_server_always_fails_holds_nobody_up_and_becomes_a_dead_letter() -> None:
    wire = FakeWire()
    failed = a_reply(500, an_error("UNKNOWN_EXCEPTION", "An unexpected error occurred."))

    def judge(_: str, records: Rows) -> Reply | None:
        return failed if "ACC1:7" in names(records) else None

    wire.judge = judge
    answers, seconds = write_all(wire, 200)

    assert applied(answers) == 199
    (refused,) = (answer for answer in answers if isinstance(answer, Rejected))
    assert (refused.code, "ACC1:7" in refused.reason) == ("UNKNOWN_EXCEPTION", True)
    assert "open a case" in refused.mend
    assert seconds < 20 * 60


def test_no_row_is_taken_for_the_cause_while_the_server_fails_over_all_of_them() -> None:
    wire = FakeWire()
    failed = a_reply(500, an_error("UNKNOWN_EXCEPTION", "An unexpected error occurred."))

    def judge(_: str, __: Rows) -> Reply | None:
        return failed if asyncio.get_running_loop().time() < 3600 else None

    wire.judge = judge
    answers, _ = write_all(wire, 20)

    assert applied(answers) == 20
    assert len(wire.upserts) < 200


def test_results_out_of_order_are_never_given_to_the_wrong_rows() -> None:
    wire = FakeWire()
    write_all(wire, 2)

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        first = await asyncio.gather(*(lanes.write(an_account(c)) for c in (1, 2)))
        ids = [answer.salesforce_id for answer in first if isinstance(answer, Applied)]
        swapped = [{"id": id_, "success": True, "errors": [], "created": False} for id_ in reversed(ids)]
        wire.next(a_reply(200, swapped))
        again = await asyncio.gather(*(lanes.write(an_account(c, version=2)) for c in (1, 2)))
        assert again == first
        return again

    assert applied(simulate(story())) == 2


def test_a_session_that_dies_under_way_is_renewed_without_anybody_noticing() -> None:
    wire = FakeWire()

    async def story() -> list[Answer]:
        lanes = lanes_to(wire, lanes_per_org=4)
        await asyncio.gather(*(lanes.write(an_account(c)) for c in range(1, 9)))
        wire.end_sessions()
        return await asyncio.gather(*(lanes.write(an_account(c, version=2)) for c in range(1, 9)))

    assert applied(simulate(story())) == 8
    assert wire.log_ins == 2
