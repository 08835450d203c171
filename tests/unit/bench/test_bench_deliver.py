import asyncio
from itertools import pairwise

import pytest

from app.bench.deliver import some_events
from app.bench.deliver_report import (
    BARE,
    FREE,
    ONE,
    OURS,
    SIMPLE,
    WINDOWS,
    WORKING,
    Calls,
    Run,
    Times,
    report,
)
from app.bench.deliver_stage import accounts, rate_after
from app.bench.peers.writers import body_of
from app.salesforce.calls.urgency import Shown
from app.salesforce.lanes.encoding import batch
from app.salesforce.lanes.width import MOST
from app.salesforce.rows.row import row_of
from app.salesforce.shape.describe import shape_of
from tests.builders.salesforce import a_field, described

CALLS = Calls(5.0, 0.11, 0.605)
TIMES = Times([[0.2] * 99 + [0.4]] * 3, [[0.2] * 99 + [0.42]] * 3, [[1.0] * 100] * 3)


def a_round(ours: float, bare: float, one: float) -> list[Run]:
    rates = {OURS: ours, BARE: bare, ONE: one, WINDOWS: 10.0}
    return [Run(name, org, rate, 1e-6) for org in (WORKING, FREE) for name, rate in rates.items()]


def test_goals_beside_peers_are_medians_of_ratios_within_a_round() -> None:
    runs = [*a_round(40, 80, 1), *a_round(900, 1000, 100), *a_round(220, 400, 10)]

    goals = {goal.metric: goal for goal in report(runs, CALLS, {}, TIMES, 0.0).goals}

    beside_one = goals["rate beside one call per record, 4 at a time"]
    assert (beside_one.value, beside_one.met) == (22, True)
    assert goals["rate beside bare batches"].value == 0.55


def test_the_goal_beside_calls_per_record_is_held_against_one_at_a_time_and_several() -> None:
    theirs = [Run(SIMPLE, org, 4.0, 1e-6) for org in (WORKING, FREE)]

    outcome = report([*a_round(180, 400, 10), *theirs], CALLS, {}, TIMES, 0.0)

    beside = {goal.metric: (goal.value, goal.met) for goal in outcome.goals if ONE in goal.metric}
    assert beside == {
        "rate beside one call per record, one at a time (simple-salesforce)": (45, True),
        "rate beside one call per record, 4 at a time": (18, False),
    }


def test_without_simple_salesforce_the_report_says_how_to_have_it() -> None:
    outcome = report(a_round(220, 400, 10), CALLS, {}, TIMES, 0.0)

    assert SIMPLE not in {row.system for row in outcome.rows}
    assert any("pip install 'freshforce[bench]'" in remark for remark in outcome.remarks)


def test_time_in_which_others_had_the_core_is_taken_out() -> None:
    assert Run(OURS, FREE, 100.0, 1e-6, 0.5).per_second == 200.0


@pytest.mark.parametrize(("rate", "met"), [(4000, True), (3601, True), (3599, False), (4401, False)])
def test_a_rate_must_be_what_lanes_and_latency_allow(rate: float, *, met: bool) -> None:
    outcome = report(a_round(1, 1, 1), CALLS, {0.2: rate}, TIMES, 0.0)

    assert [goal.met for goal in outcome.goals if goal.metric.startswith("off")] == [met]


def test_a_hanging_org_is_judged_by_what_it_adds_to_the_p99() -> None:
    goal = report(a_round(1, 1, 1), CALLS, {}, TIMES, 0.0).goals[-1]

    assert goal.value == pytest.approx(5)
    assert goal.met


def test_a_goal_that_is_missed_is_said_to_be() -> None:
    outcome = report(a_round(1, 100, 100), Calls(9.0, 0.7, 0.7), {}, TIMES, 0.4)

    assert [goal.met for goal in outcome.goals[:4]] == [False] * 4
    assert any("40%" in remark for remark in outcome.remarks)


@pytest.mark.parametrize("shift", [0.0, 0.25])
def test_a_rate_is_the_same_for_lanes_in_step_and_by_turns(shift: float) -> None:
    batches = [second + lane * shift for second in range(40) for lane in range(MOST)]
    done = sorted(each + row / 1e6 for each in batches for row in range(200))

    assert rate_after(done, 10.0) == pytest.approx(800, rel=0.02)


def test_two_in_five_events_repeat_an_earlier_one() -> None:
    told = list(some_events(1000))

    assert len({command.id for command in told}) == 600
    assert all(later.version == 1 for _, later in pairwise(told))


async def test_the_peers_write_what_we_write() -> None:
    commands = accounts(3)
    never: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    rows = [row_of(command, never, 0.0, Shown().change(command)) for command in commands]  # type: ignore[arg-type]
    fields = [a_field(name, length=255) for name in commands[0].fields]

    ours = batch(rows, commands[0].external_id_field, shape_of(described("Account", *fields)))

    assert sorted(body_of(commands)) == sorted(ours.body)
