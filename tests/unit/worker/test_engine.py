"""What we lean on inside Faust, and what we changed: each would lose messages if it were otherwise."""

import ast
import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import faust
import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.tables.recovery import Recovery, ServiceStopped
from faust.transport.consumer import Consumer as Stock
from faust.types import TP
from mode import CrashingSupervisor, Service

import app.worker.engine
from app.worker.engine.transport import Consumer, Gap
from app.worker.packed import PackedMap
from app.worker.stores import Partitions
from streams.loop.claims import Entry, Overtaken, claim, headers_of
from streams.topics import LEDGER
from tests.builders.engine import OTHER, SOURCE, Died, an_app


@pytest.fixture
async def consumer(tmp_path: Path) -> AsyncIterator[Consumer]:
    made: Consumer = an_app(tmp_path).consumer
    made._active_partitions = {SOURCE, OTHER}
    made._thread._consumer = SimpleNamespace(assignment=set, _coordinator=SimpleNamespace(generation=8))
    yield made
    made._thread.thread_loop.close()  # made with the consumer, though its thread never ran


async def test_sources_stay_still_in_a_rebalance_until_the_seek_is_done(consumer: Consumer) -> None:
    consumer.pause_partitions({SOURCE, OTHER})

    consumer.resume_partitions({SOURCE, OTHER})
    before = {*consumer._get_active_partitions()}
    consumer.resume_flow()

    assert before == {OTHER}
    assert consumer._get_active_partitions() == {SOURCE, OTHER}


async def test_what_waited_for_the_seek_does_not_outlive_its_assignment(consumer: Consumer) -> None:
    consumer.pause_partitions({SOURCE})
    consumer.resume_partitions({SOURCE})

    await consumer.on_partitions_revoked({SOURCE})
    consumer.resume_flow()
    consumer.arrived(8)
    consumer.resume_flow()

    assert SOURCE not in consumer._get_active_partitions()


async def test_a_recovery_that_the_next_rebalance_overtook_lets_nothing_flow(consumer: Consumer) -> None:
    """Two rebalances in a row: the end of the first one's recovery comes in the middle of the second."""
    app_ = consumer.app
    await consumer.on_partitions_revoked({SOURCE})
    consumer.stop_flow()  # as Faust does when it had partitions

    consumer.resume_partitions({SOURCE, OTHER})
    consumer.resume_flow()
    app_.on_rebalance_end()
    flows = consumer.flow_active, SOURCE in consumer._get_active_partitions(), not app_.pumps.shut
    known = app_.rebalancing
    consumer.arrived(8)
    consumer.resume_partitions({SOURCE})
    consumer.resume_flow()

    assert (flows, known) == ((False, False, False), True)
    assert consumer.flow_active
    assert SOURCE in consumer._get_active_partitions()
    assert not app_.pumps.shut


async def test_what_is_known_of_a_rebalance_holds_though_an_earlier_one_says_that_it_is_over(
    consumer: Consumer,
) -> None:
    """Faust's thread says that a rebalance begins; its loop may be in the last lines of the one before."""
    consumer.app.on_rebalance_start()
    consumer.app.on_rebalance_end()

    await consumer.on_partitions_revoked({SOURCE})

    assert consumer.app.rebalancing


async def test_messages_may_flow_when_the_recovery_of_the_newest_assignment_has_begun(
    consumer: Consumer,
) -> None:
    """An earlier one runs on for some turns after the next is called, and may say that all is over."""
    app_ = consumer.app
    await consumer.on_partitions_revoked({SOURCE})

    app_.consumer_generation_id = 8
    await app_.tables.on_rebalance(set(), set(), set(), 7)
    outdated = consumer.moving
    await app_.tables.on_rebalance(set(), set(), set(), 8)
    app_.on_rebalance_end()
    called = consumer.moving, app_.rebalancing
    app_.tables.recovery.signal_recovery_start.clear()  # as it does when it begins

    assert (outdated, called, consumer.moving) == (True, (True, True), False)


async def test_nothing_flows_for_an_assignment_that_kafka_has_taken_back_while_tables_were_loaded(
    consumer: Consumer,
) -> None:
    app_ = consumer.app
    app_.consumer_generation_id = 8
    await consumer.on_partitions_revoked({SOURCE})

    consumer._thread._consumer._coordinator.generation = -1  # as after a heartbeat that Kafka refuses
    await app_.tables.on_rebalance(set(), set(), set(), 8)
    app_.tables.recovery.signal_recovery_start.clear()

    assert consumer.moving


async def test_a_recovery_that_kafka_does_not_answer_in_time_ends_the_process(consumer: Consumer) -> None:
    """Stock Faust ends the recovery instead: nothing would flow after any later rebalance."""
    recovery = consumer.app.tables.recovery

    with pytest.raises(Died) as died:
        await recovery._wait(asyncio.Event().wait(), timeout=0.01)

    assert "Kafka did not answer" in str(died.value.__cause__)


async def test_a_recovery_that_is_told_to_stop_ends_no_process(consumer: Consumer) -> None:
    recovery = consumer.app.tables.recovery
    recovery._stopped.set()

    with pytest.raises(ServiceStopped):
        await recovery._wait(asyncio.Event().wait(), timeout=0.01)


async def test_a_jump_in_offsets_ends_the_process_instead_of_counting_as_done(consumer: Consumer) -> None:
    with pytest.raises(Died) as died:
        await consumer._add_gap(SOURCE, 451, 525)

    assert isinstance(died.value.__cause__, Gap)
    assert not consumer._gap[SOURCE]


async def test_a_message_goes_straight_to_its_agent_when_nothing_stands_in_the_way(
    consumer: Consumer,
) -> None:
    async def hand_over() -> None:
        handed.append("message")

    async def never() -> None:
        handed.append("signal")

    handed: list[str] = []
    consumer.resume_flow()
    consumer.app.flow_control.resume()

    await consumer.wait_first(hand_over(), never())

    assert handed == ["message"]


def test_faust_still_calls_what_we_override_in_the_way_we_expect() -> None:
    drain = inspect.getsource(Stock._drain_messages)
    completed = inspect.getsource(Recovery.on_recovery_completed)

    assert "await self._add_gap(tp, r_offset + 1, offset)" in drain
    assert "callback(message), self.suspend_flow.wait()" in drain
    assert list(inspect.signature(Stock._add_gap).parameters) == ["self", "tp", "offset_from", "offset_to"]
    assert "_buffered_partitions.add" in inspect.getsource(Stock.on_buffer_full)
    order = [completed.index(part) for part in ("resume_partitions", "perform_seek", "resume_flow")]
    assert order == sorted(order)
    assert "await" not in inspect.getsource(Recovery.on_rebalance)
    assert "self._crashed.set()" in inspect.getsource(Service._crash)
    rejoined = inspect.getsource(GroupCoordinator.ensure_active_group)
    assert "success = await self._do_rejoin_group" in rejoined[: rejoined.index("_start_heartbeat_task()")]
    assert "if self._heartbeat_task is None" in inspect.getsource(GroupCoordinator._start_heartbeat_task)
    assert "if self.conf.stream_wait_empty" in inspect.getsource(faust.App._consumer_wait_empty)


async def test_faust_does_nothing_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESSING_GUARANTEE", "exactly_once")

    conf = an_app(tmp_path).conf

    assert conf.processing_guarantee.value == "at_least_once"
    assert not conf.topic_allow_declare
    assert conf.topic_disable_leader
    assert not conf.web_enabled
    assert conf.table_standby_replicas == 0
    assert conf.agent_supervisor is CrashingSupervisor
    assert [str(url) for url in conf.broker] == ["kafka://127.0.0.1:9092", "kafka://127.0.0.1:9093"]


async def test_faust_proves_who_we_are_as_our_other_clients_do(tmp_path: Path) -> None:
    sasl = {"sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "u", "sasl_plain_password": "p"}

    credentials = an_app(tmp_path, security_protocol="SASL_PLAINTEXT", **sasl).conf.broker_credentials

    assert (credentials.mechanism.value, credentials.username) == ("SCRAM-SHA-512", "u")
    assert credentials.protocol.value == "SASL_PLAINTEXT"


async def test_a_table_knows_how_far_its_rows_are_durable(tmp_path: Path) -> None:
    app_ = an_app(tmp_path)
    table = app_.tables["ledger"]
    partitions = app_.pumps.tables[LEDGER]

    partitions.take(0, [Entry(39, b"k", b"v", ()), Entry(40, b"k", None, ()), Entry(41, b"l", b"w", ())])

    assert table.changelog_topic_name == LEDGER.changelog
    assert table.persisted_offset(TP(LEDGER.changelog, 0)) == 41
    assert table.persisted_offset(TP(LEDGER.changelog, 1)) is None
    assert dict(partitions.journal(0)) == {b"l": b"w"}
    partitions.journal(0).end = 50  # as the loop does when a window settles
    assert table.persisted_offset(TP(LEDGER.changelog, 0)) == 50


async def test_a_stock_table_refuses_writes_from_outside_so_commands_go_through_a_topic(
    tmp_path: Path,
) -> None:
    table = an_app(tmp_path).tables["ledger"]

    with pytest.raises(TypeError, match="outside of stream iteration"):
        table[b"k"] = b"v"


class Recovered:
    """Faust's event, as its recovery hands it over."""

    def __init__(self, entry: Entry) -> None:
        self.message = SimpleNamespace(partition=2, **entry._asdict())


async def test_what_was_recovered_by_faust_itself_is_in_the_rows_too(tmp_path: Path) -> None:
    app_ = an_app(tmp_path)

    app_.tables["ledger"].apply_changelog_batch([Recovered(Entry(9, b"k", b"v", ()))])

    assert dict(app_.pumps.tables[LEDGER].journal(2)) == {b"k": b"v"}
    assert app_.pumps.tables[LEDGER].end(2) == 9


async def test_faust_recovers_nothing_of_a_dead_owner_and_the_next_window_finds_it(tmp_path: Path) -> None:
    app_ = an_app(tmp_path)
    holding = app_.pumps.tables[LEDGER].come(2)
    holding.take([Entry(0, b"k", b"ours", headers_of(8)), Entry(1, *claim(9))])  # type: ignore[arg-type]
    holding.own(9, at=1)

    app_.tables["ledger"].apply_changelog_batch([Recovered(Entry(2, b"k", b"late", headers_of(8)))])

    assert dict(holding.journal) == {b"k": b"ours"}
    with pytest.raises(Overtaken):
        holding.journal.settled(3, 1)


def test_the_rows_of_a_partition_go_when_it_goes() -> None:
    table = Partitions(LEDGER, lambda: PackedMap(4))
    table.take(0, [Entry(3, bytes(16), b"abcd", ())])
    table.take(1, [Entry(4, bytes(16), b"efgh", ())])

    table.drop(0)

    assert (table.held, table.rows, table.end(0), table.loaded) == ([1], 1, -1, 2)


FORBIDDEN = {"noack_take", "send_soon", "group_by", "sink", "concurrency", "isolated_partitions", "SetTable"}


def test_nothing_of_faust_that_acknowledges_unseen_or_out_of_order_is_used() -> None:
    folder = Path(app.worker.engine.__file__).parent
    found = {
        getattr(node, "attr", None) or getattr(node, "arg", None)
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute | ast.keyword)
    }

    assert "noack" in found
    assert not found & FORBIDDEN


def test_faust_is_imported_in_one_package_only() -> None:
    root = Path(app.worker.engine.__file__).parents[3]
    users = {
        file.relative_to(root).parent.as_posix()
        for top in ("app", "streams")
        for file in (root / top).rglob("*.py")
        if any(line.startswith(("import faust", "from faust")) for line in file.read_text().splitlines())
    }

    assert {user for user in users if not user.startswith("app/bench")} == {"app/worker/engine"}
