"""The embedded Kafka as a person meets it: started, used, killed, started again."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewTopic

from app.kafka.embedded import node as nodes
from app.kafka.embedded import single
from app.kafka.embedded.failures import DiskFull, KafkaCrashed, PortTaken
from app.kafka.embedded.jars import classpath
from app.kafka.embedded.keeping import keep
from app.kafka.embedded.node import Node
from app.kafka.embedded.place import fresh_members, new_cluster
from app.kafka.embedded.ports import HOST
from app.kafka.embedded.probe import seen
from app.kafka.inventory import administering, await_leaders
from app.kafka.producer import make_producer


async def _write(servers: str, topic: str, values: list[bytes]) -> None:
    producer = make_producer({"bootstrap_servers": servers})
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def _read(servers: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def _make(servers: str, topic: str) -> None:
    async with administering({"bootstrap_servers": servers}) as admin:
        await admin.create_topics([NewTopic(topic, 1, 1)])
        await await_leaders(admin, [topic])


async def test_what_was_acknowledged_survives_kill_9(own_home: Path) -> None:
    home, topic = own_home / "kafka", f"t-{uuid.uuid4().hex}"  # noqa: TID251 - a test names its own topic
    servers = single.start(home)
    await _make(servers, topic)
    await _write(servers, topic, [b"1", b"2", b"3"])
    node = single.find(home)
    assert node is not None

    node.kill()

    assert single.running(home) is None
    assert single.start(home) == servers  # the port is remembered: clients find it again
    assert await _read(servers, topic, 3) == [b"1", b"2", b"3"]


async def test_a_kafka_that_is_kept_comes_back_by_itself_where_it_was(own_home: Path) -> None:
    home = own_home / "kafka"
    servers = await asyncio.to_thread(single.start, home)
    node = single.find(home)
    assert node is not None
    killed = node.daemon.pid()

    keeping = asyncio.create_task(keep(home, look=0.1))
    await asyncio.to_thread(node.kill)
    async with asyncio.timeout(60):
        while single.running(home) is None or seen(node.me.broker) is None:  # noqa: ASYNC110  # a process gives no sign
            await asyncio.sleep(0.1)

    assert single.running(home) == servers
    assert node.daemon.pid() != killed
    keeping.cancel()


def test_starting_twice_is_starting_once(own_home: Path) -> None:
    home = own_home / "kafka"

    first = single.start(home)
    node = single.find(home)
    assert node is not None
    pid = node.daemon.pid()

    assert single.start(home) == first
    assert node.daemon.pid() == pid
    assert single.running(home) == first


def test_two_processes_that_start_at_once_share_one_kafka(own_home: Path) -> None:
    home = own_home / "kafka"
    program = (
        "import sys, pathlib; from app.kafka.embedded import single; "
        "print('AT', single.start(pathlib.Path(sys.argv[1])))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    told = [process.communicate(timeout=120)[0] for process in both]

    said = [text.splitlines()[-1] for text in told]
    assert said == [f"AT {single.running(home)}"] * 2


def test_a_stopped_kafka_is_stopped_and_stopping_again_does_nothing(own_home: Path) -> None:
    home = own_home / "kafka"
    single.start(home)

    assert single.stop(home)
    assert single.running(home) is None
    assert not single.stop(home)


def test_an_asked_for_port_that_is_taken_is_refused_by_its_number(own_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 is taken") as stopped:
            single.start(own_home / "kafka", port)

    assert "--port 0" in stopped.value.mend


def test_a_remembered_port_that_was_taken_meanwhile_is_replaced(own_home: Path) -> None:
    home = own_home / "kafka"
    before = single.start(home)
    single.stop(home)

    with socket.create_server(("127.0.0.1", int(before.rpartition(":")[2]))):
        after = single.start(home)

    assert after != before
    assert single.running(home) == after


def _take_port(home: Path, taken: list[socket.socket]) -> None:
    """Listen where Kafka is about to, once it has looked that its port is free."""
    while not (home / "server.properties").exists():
        time.sleep(0.001)
    node = single.find(home)
    assert node is not None
    taken.append(socket.create_server((HOST, node.me.broker)))


def test_a_port_that_another_program_takes_while_kafka_starts_is_replaced(own_home: Path) -> None:
    home, taken = own_home / "kafka", list[socket.socket]()
    quicker = threading.Thread(target=_take_port, args=(home, taken))
    quicker.start()

    address = single.start(home)

    quicker.join()
    with taken[0]:
        assert address != f"{HOST}:{taken[0].getsockname()[1]}"
        assert single.running(home) == address


def test_a_kafka_that_lost_its_port_to_another_one_is_not_taken_for_that(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    single.start(own_home / "kafka")
    quicker = single.find(own_home / "kafka")
    assert quicker is not None
    me = replace(fresh_members(1)[0], broker=quicker.me.broker)
    node = Node(tmp_path / "late", new_cluster(), me, (me,), classpath=classpath())
    monkeypatch.setattr(nodes, "frees_within", lambda *_: True)  # it was free when both looked

    node.launch()

    try:
        with pytest.raises(PortTaken):
            node.await_ready()
    finally:
        node.kill()


def test_a_java_that_cannot_run_shows_its_last_words(tmp_path: Path) -> None:
    members = fresh_members(1)
    node = Node(tmp_path, new_cluster(), members[0], members, classpath=classpath())

    node.launch(options=("-Xmx1k",))

    with pytest.raises(KafkaCrashed, match="Kafka ended; its log is") as stopped:
        node.await_ready()
    assert "heap" in str(stopped.value)


def test_a_state_folder_that_kafka_cannot_read_is_told(own_home: Path) -> None:
    home = own_home / "kafka"
    single.start(home)
    single.stop(home)
    (home / "data" / "meta.properties").write_text("version=1\nnode.id=7\n")

    with pytest.raises(KafkaCrashed, match="MetaPropertiesEnsemble Error"):
        single.start(home)


def test_a_disk_without_room_is_told_before_kafka_is_started(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "ROOM", 1 << 60)

    with pytest.raises(DiskFull, match="MB left, Kafka needs"):
        single.start(own_home / "kafka")


def test_without_its_start_up_archive_kafka_starts_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    jars = tuple(Path(os.fspath(folder / jar.name)) for jar in classpath())
    for ours, theirs in zip(jars, classpath(), strict=True):
        ours.symlink_to(theirs)
    members = fresh_members(1)
    node = Node(tmp_path / "node", new_cluster(), members[0], members)
    node = replace(node, classpath=jars)

    node.launch()

    try:
        node.await_ready()
    finally:
        node.kill()
