"""What the replay bench makes of its runs, and an org that must not be asked."""

import pytest

from app.bench.quiet_org import REPLAY, Called, QuietOrg
from app.bench.replay import OURS, PLAIN, STOCK, Run, report
from streams.ports import Applied
from tests.builders.commands import a_command


def a_round(ours: float, stock: float, plain: float) -> list[Run]:
    return [Run(OURS, ours, 0, 9, 1), Run(PLAIN, plain, 0, 9, 1), Run(STOCK, stock, 0, 9, 1)]


def test_goals_are_medians_of_ratios_within_a_round() -> None:
    none, stock, plain = report([*a_round(80, 5, 100), *a_round(900, 60, 900)], 10).goals

    assert (none.value, none.met) == (0, True)
    assert (stock.value, stock.met) == (15.5, True)
    assert (plain.value, plain.met) == (0.9, True)


def test_alone_only_the_calls_are_a_goal() -> None:
    (calls,) = report([Run(OURS, 80, 0, 9, 1)], 10).goals

    assert calls.met


def test_time_that_others_took_does_not_count() -> None:
    assert Run(OURS, 100, 0.75, 9, 1).per_second == 400


async def test_the_org_takes_all_at_first_and_nothing_in_a_replay() -> None:
    assert isinstance(await QuietOrg("first").write(a_command()), Applied)
    with pytest.raises(Called):
        await QuietOrg(REPLAY).write(a_command())
