import pytest

from app.bench.transform import OURS, PLAIN, STOCK, Run, Unlike, agree, pace, report


def a_round(ours: float, stock: float, plain: float) -> list[Run]:
    return [Run(OURS, ours, 1e-4, 0, "x"), Run(STOCK, stock, 1e-3, 0, "x"), Run(PLAIN, plain, 1e-4, 0, "x")]


def test_a_pace_counts_what_came_after_the_first_and_from_then_on() -> None:
    assert pace([1000, 1000, 1500, 3000]) == 1.0
    assert pace([3000, 1500, 1000, 1000]) == 1.0


def test_all_at_one_moment_is_no_pace() -> None:
    assert pace([7, 7, 7]) == 0


def test_goals_are_medians_of_ratios_within_a_round() -> None:
    slow_machine, quiet, loud = a_round(80, 10, 80), a_round(900, 100, 900), a_round(500, 100, 1000)

    stock, plain = report([*slow_machine, *quiet, *loud], 5e-5, 10).goals

    assert (stock.value, stock.met) == (8, True)
    assert (plain.value, plain.met) == (1, True)


def test_a_goal_that_is_missed_is_said_to_be() -> None:
    outcome = report(a_round(700, 100, 1000), 5e-5, 10)

    assert [goal.met for goal in outcome.goals] == [False, False]
    assert not outcome.met


def test_each_system_has_its_figures() -> None:
    outcome = report([*a_round(800, 100, 1000), *a_round(600, 90, 900)], 5e-5, 10)

    figures = {(row.system, row.metric): row.value for row in outcome.rows}

    assert figures[OURS, "median"] == 700
    assert figures[STOCK, "slowest round"] == 90
    assert figures[PLAIN, "processor time"] == pytest.approx(100)
    assert figures["step and codec, no Kafka", "processor time"] == pytest.approx(50)


def test_systems_that_wrote_different_things_are_not_compared() -> None:
    agree(a_round(1, 1, 1))

    with pytest.raises(Unlike):
        agree([*a_round(1, 1, 1), Run(PLAIN, 1, 1, 0, "y")])


def test_time_that_others_took_does_not_count_except_by_the_clock() -> None:
    run = Run(OURS, by_the_clock=1000, cpu=1e-4, waited=0.75, said="x")

    assert run.per_second == 4000
