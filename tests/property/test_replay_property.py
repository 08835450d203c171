"""Replay of any stretch, any number of times, with any crash: the same rows, only what was foreseen."""

import pytest

from streams.domain.command import OPTIONAL
from tests.builders.mappings import a_mapping
from tests.builders.shown import shown
from tests.fakes.virtual_time import simulate
from tests.simulation.replays import Replays
from tests.simulation.scene import played
from tests.simulation.verdict import broken, committed_to_the_end, unended

OTHERWISE = a_mapping(account='Type = { literal = "Customer" }', opportunity='NextStep = "invoice.number"')


def a_scene(seed: int, mapping: str = "") -> Replays:
    return Replays(seed, deeds=4, crashes=2, partitions=1 + seed % 2, mapping=mapping)


def as_foreseen(scene: Replays) -> bool:
    """Tell whether just what was foreseen was written; an Order may be looked for in vain again."""
    there = {(sobject, external_id) for _, sobject, external_id in scene.org.rows}
    looked = {
        it.row for it in scene.written if it.sobject in OPTIONAL and (it.sobject, it.external_id) not in there
    }
    return {it.row for it in scene.written} == scene.foreseen.keys() | looked


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_any_replay_with_any_crash_ends_in_the_same_rows(first: int) -> None:
    for seed in range(first, first + 25):
        scene = a_scene(seed)
        simulate(played(scene))

        assert [*broken(scene)] == [], seed
        assert scene.org.rows == scene.before, seed
        assert as_foreseen(scene), seed


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_a_replay_sends_what_its_preview_says_and_nothing_else(first: int) -> None:
    sent = 0
    for seed in range(first, first + 25):
        scene = a_scene(seed, OTHERWISE)
        simulate(played(scene))

        assert as_foreseen(scene), seed
        for it in (it for it in scene.foreseen.values() if it.command.sobject not in OPTIONAL):
            row = scene.org.rows[it.command.connection, it.command.sobject, it.command.external_id]
            wanted = {name: value for name, value in shown(it.command.fields).items() if value is not None}
            assert shown(row) == wanted, seed
        assert scene.preview() == [], seed
        sent += len(scene.foreseen)

    assert sent > 25


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_a_plan_for_one_client_touches_nobody_else_whatever_crashes(first: int) -> None:
    passed_by = 0
    for seed in range(first, first + 25):
        scene = Replays(seed, deeds=6, crashes=2, mapping=OTHERWISE, only="client:7")
        simulate(played(scene))

        assert [*unended(scene), *committed_to_the_end(scene)] == [], seed
        assert as_foreseen(scene), seed
        assert {it.client for it in scene.written} <= {7}, seed
        passed_by += any(command.client == 8 for command in scene.org.applied)

    assert passed_by > 5


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_what_was_sent_is_what_the_log_derives_whatever_crashed(first: int) -> None:
    for seed in range(first, first + 25):
        scene = a_scene(seed, OTHERWISE if seed % 2 else "")
        simulate(played(scene))

        assert scene.proof() == [], seed
