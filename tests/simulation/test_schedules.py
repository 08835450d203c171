"""Ten thousand ways in which it can go wrong, and the mistakes that these must find."""

import os
from collections.abc import Iterable, Iterator

import pytest

from streams.loop import passing
from streams.loop.handled import Handled
from streams.loop.pump import Pump
from tests.fakes.virtual_time import simulate
from tests.simulation.burying import Burying
from tests.simulation.mistakes import MISTAKES, ForgetsBurials, TrustsEverybody, careless
from tests.simulation.rewinding import Rewinding
from tests.simulation.scene import MakeStages, Scene, played
from tests.simulation.schedules import LATE, play, play_all, went_wrong

SCHEDULES = 10_000
SEED = os.environ.get("FRESHFORCE_SEED")


@pytest.mark.skipif(SEED is None, reason="FRESHFORCE_SEED names the one schedule to play again")
def test_the_schedule_of_the_seed_keeps_every_promise() -> None:
    assert SEED is not None

    assert play(int(SEED)) is None


@pytest.mark.skipif(SEED is not None, reason="FRESHFORCE_SEED plays one schedule alone")
def test_every_schedule_keeps_every_promise() -> None:
    assert list(play_all(range(SCHEDULES))) == []


def test_a_seed_tells_the_same_story_every_time() -> None:
    once, again = ([*_tale(seed=151)] for _ in range(2))

    assert once == again
    assert len(once) > 5


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_the_schedules_find_a_planted_mistake(mistake: MakeStages) -> None:
    begin = MISTAKES[mistake]

    assert any(play(seed, mistake) for seed in (*range(begin, SCHEDULES), *range(begin)))


def test_one_that_releases_what_waits_only_once_is_found_where_a_person_must_say_who_the_client_is() -> None:
    scenes = (Scene(seed, careless, deeds=2, crashes=4, puzzling=1.0) for seed in range(3000))

    assert any(went_wrong(scene) for scene in scenes)


def test_the_schedules_find_tables_that_trust_a_dead_owner() -> None:
    found = (play(seed, kafka=TrustsEverybody) for seed in LATE[300:3300])

    assert any(" ended " not in it.why for it in found if it)  # a row was lost, not only a word about one


def test_the_schedules_find_a_look_that_does_not_wait_for_what_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pump, "caught_up", True)

    assert any(play(seed) for seed in range(26_005, 60_000, 10))  # one in five hundred


def test_the_schedules_find_that_what_was_never_handled_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Handled, "holds", lambda *_: True)

    assert any(play(seed) for seed in range(5, SCHEDULES, 10))


def test_what_was_buried_is_said_once_the_records_are_set_back() -> None:
    assert not any(map(went_wrong, _burying(range(100))))


def test_the_schedules_find_a_stretch_that_forgets_what_was_buried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "Handled", ForgetsBurials)

    assert any(map(went_wrong, _burying(range(600, 3600))))


def test_most_of_what_is_set_back_without_a_change_is_passed_by() -> None:
    scenes = [Rewinding(seed, deeds=4, crashes=2, puzzling=0) for seed in range(20)]
    for scene in scenes:
        simulate(played(scene))

    assert sum(scene.passed for scene in scenes) > sum(scene.read for scene in scenes) * 0.8


def _burying(seeds: Iterable[int]) -> Iterator[Scene]:
    return (Burying(seed, deeds=2, crashes=2, puzzling=0) for seed in seeds)


def _tale(seed: int) -> Iterator[object]:
    scene = simulate(played(Scene(seed, deeds=4, crashes=3)))
    for spot in sorted(scene.broker.logs):
        yield spot, scene.broker.logs[spot]
