from pathlib import Path

from app.kafka.embedded.place import new_cluster
from app.kafka.embedded.ports import HIGHEST, LOWEST, free_ports
from app.kafka.embedded.properties import Member, properties

ONE = (Member(1, 20001, 20002),)
THREE = tuple(Member(n, 20000 + n, 21000 + n) for n in (1, 2, 3))


def test_one_node_listens_on_this_machine_alone_and_copies_nothing() -> None:
    lines = properties(ONE[0], ONE, Path("data"), min_insync=1)

    assert lines["listeners"] == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002"
    assert lines["offsets.topic.replication.factor"] == "1"
    assert lines["auto.create.topics.enable"] == "false"


def test_three_nodes_know_each_other_and_write_two_copies_at_least() -> None:
    lines = properties(THREE[1], THREE, Path("data"), min_insync=2)

    assert lines["node.id"] == "2"
    assert lines["controller.quorum.voters"] == "1@127.0.0.1:21001,2@127.0.0.1:21002,3@127.0.0.1:21003"
    assert (lines["default.replication.factor"], lines["min.insync.replicas"]) == ("3", "2")


def test_ports_lie_below_those_that_the_system_gives_to_callers() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20
    assert all(LOWEST <= port <= HIGHEST < 32768 for port in ports)


def test_a_cluster_id_is_22_letters_and_never_looks_like_an_option() -> None:
    # One in 64 began with a dash, and Kafka's storage tool then refused to format.
    ids = {new_cluster() for _ in range(500)}

    assert len(ids) == 500
    assert all(len(id_) == 22 and id_[0] == "F" for id_ in ids)
