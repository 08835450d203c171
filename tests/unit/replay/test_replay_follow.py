"""Following a replay to the end of all that it caused."""

from typing import Any

import pytest
from aiokafka import TopicPartition

from app.kafka.offsets import Standing
from app.replay import follow as following
from app.replay import reach
from app.replay.follow import follow
from app.replay.plans import Plans
from streams.domain.replay import Replay, ReplayState
from streams.topics import COMMANDS, RECORDS
from tests.builders.replays import a_replay

PLAN = a_replay()


class Group:
    """A group that has read all records, and goes on by one step of `commands` at each look.

    Its commands lie where `log` says, by partition; a step of `records` at each look it takes first.
    """

    def __init__(
        self,
        *commands: dict[int, int],
        log: dict[int, tuple[int, int]] | None = None,
        records: tuple[int, ...] = (8,),
    ) -> None:
        self.commands, self.moves = [*commands], list[tuple[int, int]]()
        self.records = [*records]
        self.log = log or {0: (0, 5)}

    async def standings(self, _options: Any, _group: str, topics: list[str]) -> list[Standing]:
        if topics == [RECORDS.name]:
            read = self.records.pop(0) if len(self.records) > 1 else self.records[0]
            return [Standing(RECORDS.name, 0, read, 0, 8)]
        at = self.commands.pop(0) if len(self.commands) > 1 else self.commands[0]
        return [Standing(COMMANDS.name, partition, it, 0, 5) for partition, it in at.items()]

    async def spots(self, _options: Any, topic: str) -> list[TopicPartition]:
        assert topic == COMMANDS.name
        return [TopicPartition(topic, partition) for partition in self.log]

    async def bounds(
        self, _options: Any, places: list[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        return {place: self.log[place.partition] for place in places}

    async def followed(self, monkeypatch: pytest.MonkeyPatch) -> Replay:
        """Follow the plan to its end."""
        monkeypatch.setattr(reach, "standings", self.standings)
        monkeypatch.setattr(following, "spots", self.spots)
        monkeypatch.setattr(following, "bounds", self.bounds)
        monkeypatch.setattr(following, "LOOK_EVERY", 0)
        view = {PLAN.id: PLAN}

        async def write(replay: Replay) -> None:
            view[replay.id] = replay

        async def caught_up() -> None:
            """Show what was written, as it always does here."""

        return await follow({}, Plans(view, write, caught_up), PLAN, lambda *at: self.moves.append(at))


async def test_what_the_replay_caused_is_heard_of_while_it_is_worked_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = Group({0: 2}, {0: 2}, {0: 4}, {0: 5})

    done = await group.followed(monkeypatch)

    assert done.state is ReplayState.DONE
    assert group.moves == [(4, 4), (0, 3), (0, 3), (2, 3)]


async def test_kafka_is_asked_once_at_each_look_how_much_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = Group({0: 5}, records=(2, 4, 6))

    done = await group.followed(monkeypatch)

    assert done.state is ReplayState.DONE
    assert group.moves == [(0, 4), (2, 4), (4, 4)]


async def test_a_partition_in_which_workers_commit_for_the_first_time_meanwhile_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = Group({0: 4}, {0: 4, 1: 1}, {0: 5, 1: 5}, log={0: (0, 5), 1: (0, 5)})

    done = await group.followed(monkeypatch)

    assert done.state is ReplayState.DONE
    assert group.moves == [(4, 4), (0, 6), (1, 6)]


async def test_what_lies_where_no_worker_ever_committed_is_waited_for_from_the_first_message_that_kafka_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = Group({}, {}, {1: 5}, log={0: (7, 7), 1: (2, 5)})

    done = await group.followed(monkeypatch)

    assert done.state is ReplayState.DONE
    assert group.moves == [(4, 4), (0, 3), (0, 3)]
