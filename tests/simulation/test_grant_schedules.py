"""Some of the schedules that `freshforce bench grants` plays by the thousand."""

import os

import pytest

from app.bench.grants_play import MakeKeeper, play
from tests.simulation.grant_mistakes import MISTAKES

SEED = os.environ.get("FRESHFORCE_SEED")


@pytest.mark.skipif(SEED is None, reason="FRESHFORCE_SEED names the one schedule to play again")
def test_the_schedule_of_the_seed_loses_no_grant() -> None:
    assert SEED is not None

    assert play(int(SEED)).wrong == ()


def test_whoever_dies_freezes_or_overlaps_no_grant_is_lost_that_freshbooks_would_give() -> None:
    played = [play(seed) for seed in range(90)]

    assert [each for each in played if each.wrong] == []
    assert sum(each.kills for each in played) > 300
    assert sum(each.consents for each in played) > 3


def test_a_seed_tells_the_same_story_every_time_of_a_grant() -> None:
    assert play(11) == play(11)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_the_schedules_find_a_keeper_with_a_mistake(mistake: MakeKeeper) -> None:
    assert any(play(seed, mistake).wrong for seed in range(200))
