"""Partitions are given out although Kafka tells of no topics, as a broker does that has just come back."""

from pathlib import Path
from types import SimpleNamespace

from faust.assignor import PartitionAssignor

from app.worker.engine.application import Group, build
from app.worker.engine.assignor import Assignor
from app.worker.pumps import Pumps
from app.worker.watch import Watch
from streams.loop.limits import Surroundings
from tests.fakes.broker import Broker, BrokerSink

TOPICS = {"events", "ledger-changelog"}
MEMBERS = {"one": [*TOPICS], "two": [*TOPICS]}
FORGETFUL = SimpleNamespace(partitions_for_topic=lambda _topic: None)


def die(why: BaseException) -> None:
    raise AssertionError from why


def an_assignor(folder: Path) -> Assignor:
    watch = Watch(die, lambda: True, lambda: 0, 10.0)
    pumps = Pumps([], {}, Surroundings(BrokerSink(Broker()), die))
    app = build(Group("group", {"bootstrap_servers": "127.0.0.1:9092"}, 4, folder), pumps, watch, die)
    return app.assignor  # type: ignore[no-any-return]  # Faust is untyped


def test_ours_is_the_one_in_use_and_gives_out_all_partitions_of_all_topics(tmp_path: Path) -> None:
    groups = an_assignor(tmp_path)._get_copartitioned_groups(TOPICS, FORGETFUL, MEMBERS)

    assert {number: [*together] for number, together in groups.items()} == {4: [TOPICS]}


def test_stock_faust_would_give_out_nothing() -> None:
    assert PartitionAssignor._get_copartitioned_groups(TOPICS, FORGETFUL, MEMBERS) == {}
