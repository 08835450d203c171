"""The benchmarks in small, so that they still run when somebody needs their figures."""

import pytest

from app.bench import recovery, replay, transform

pytestmark = pytest.mark.slow


def test_all_three_systems_write_the_same_commands_and_audit() -> None:
    outcome = transform.measure(print, records=600, rounds=1)

    assert {row.system for row in outcome.rows} >= {transform.OURS, transform.STOCK, transform.PLAIN}
    assert all(row.value > 0 for row in outcome.rows)


def test_every_entry_of_the_id_map_is_back_after_kill_9() -> None:
    outcome = recovery.measure(print, entries=30_000, stock_entries=3_000, rounds=1)

    figures = {(row.system, row.metric): row.value for row in outcome.rows}
    assert figures[recovery.OURS, "entries"] == 30_000
    assert figures[recovery.OURS, "from kill -9 to ready, started again at once"] > 0


def test_a_replay_with_nothing_to_change_asks_nothing_of_salesforce() -> None:
    outcome = replay.measure(print, records=300, rounds=1)

    assert {row.system for row in outcome.rows} == {replay.OURS, replay.STOCK, replay.PLAIN}
    said = {row.system: row.value for row in outcome.rows if row.metric == "found unchanged"}
    assert said[replay.OURS] < said[replay.PLAIN] == said[replay.STOCK]
    assert all(row.value > 0 for row in outcome.rows)
