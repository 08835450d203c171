"""A vendor that is silent for days holds up its own connection and nobody else's, whatever dies meanwhile."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from streams.loop.aside import Aside, Stand
from streams.loop.asides import Asides
from streams.loop.lines import Line
from streams.loop.opened import Opened
from streams.loop.pump import Pump
from tests.fakes.virtual_time import simulate
from tests.simulation.scene import played
from tests.simulation.silence import Silence

SCHEDULES = 150


def play(seed: int) -> list[str]:
    """Play one schedule and return the promises that were broken."""
    scene = Silence(seed)
    try:
        simulate(played(scene))
    except (AssertionError, TimeoutError) as error:
        return [f"{seed}: {type(error).__name__}: {error}"]
    return [f"{seed}: {wrong}" for wrong in scene.broken()]


def play_all(seeds: Sequence[int]) -> Iterator[str]:
    """Yield what was broken, using every core."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        for wrong in pool.map(play, seeds, chunksize=10):
            yield from wrong


def test_the_others_go_on_and_nothing_is_lost_when_one_is_silent_for_days() -> None:
    assert list(play_all(range(SCHEDULES))) == []


def test_a_schedule_has_somebody_aside_who_comes_back() -> None:
    scenes = [simulate(played(Silence(seed))) for seed in range(5)]

    changes = [
        change
        for scene in scenes
        for spot, log in scene.broker.logs.items()
        if "aside" in spot[0]
        for change in log
    ]
    assert sum(value is None for _, value, _ in changes) >= 5


def test_it_is_found_when_a_connection_is_acknowledged_before_its_row_is_durable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = Asides.go

    def go(self: Asides, line: Line) -> None:
        honest(self, line)
        aside = self.by[line.connection]
        if aside.stand is Stand.LEAVING:
            aside.leave(line)
            aside.stand = Stand.LEAVING
            self._party.settle()

    def pass_by(self: Aside, opened: Opened) -> None:
        if opened.offset >= self.next:
            self.upto = opened.offset + 1
        opened.finished = True

    monkeypatch.setattr(Asides, "go", go)
    monkeypatch.setattr(Aside, "pass_by", pass_by)

    assert any(play(seed) for seed in range(1000))


def test_it_is_found_when_a_row_moves_together_with_what_was_concluded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kafka may keep a window's row and lose its outputs: only what is durable may move the row."""
    honest = Pump._conclude

    def conclude(self: Pump, opened: Opened) -> None:
        honest(self, opened)
        aside = self.asides.get(opened.connection)
        if self._asides is not None and aside is not None and aside.stand is Stand.ASIDE:
            rows = self._asides._rows
            rows[aside.connection] = (opened.offset + 1).to_bytes(8, "big")
            self._outlet._window.extend(rows.changelog, rows.take())

    monkeypatch.setattr(Pump, "_conclude", conclude)

    assert any(play(seed) for seed in range(1000))


def test_it_is_found_when_a_new_owner_asks_before_it_has_read_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def anew(self: Asides, aside: Aside) -> None:
        await self._on(aside)

    monkeypatch.setattr(Asides, "_anew", anew)

    assert any(play(seed) for seed in range(1000))
