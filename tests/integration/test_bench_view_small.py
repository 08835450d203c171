"""The view's benchmark in small, so that it still runs when somebody needs its figures."""

from app.bench import view


def test_every_entry_is_stored_and_both_goals_are_judged() -> None:
    outcome = view.measure(print, entries=3_000, rounds=1)

    assert {row.system for row in outcome.rows} == {view.OURS, view.BARE}
    assert all(row.value > 0 for row in outcome.rows)
    assert len(outcome.goals) == 2
