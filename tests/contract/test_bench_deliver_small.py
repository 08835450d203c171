"""`bench deliver` in small, so that it still runs when somebody needs its figures."""

from app.bench.deliver import Size, measure
from app.bench.deliver_report import BARE, ONE, OURS, SIMPLE, WINDOWS

SMALL = Size(rounds=1, rows=800, single=40, events=50, latencies=(0.2,), steady={0.2: 2}, seconds=1.5)


def test_every_system_is_measured_and_every_goal_is_judged() -> None:
    outcome = measure(print, SMALL)

    assert {row.system for row in outcome.rows} == {OURS, BARE, ONE, SIMPLE, WINDOWS}
    assert all(row.value > 0 for row in outcome.rows)
    assert len(outcome.goals) == 7
    figures = {(row.system, row.metric): row.value for row in outcome.rows}
    assert figures[OURS, "calls per 1,000 changed records, full load"] == 5.0
    changed, describe = 30, 1
    assert figures[OURS, "calls with 40 % repeats, one at a time"] == 100 * (changed + describe) / 50
