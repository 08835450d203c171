"""`freshforce health` asks the roles' own health servers, over HTTP."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from app.cli.health import health
from app.cli.run import _supervise
from app.process.health import address, awaited, missed, note_of, serve
from app.process.supervisor import Child
from app.settings import load


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".freshforce"


@pytest.fixture
def worker(home: Path) -> Iterator[dict[str, Any]]:
    """A role that says of itself what the test puts into this dict."""
    report: dict[str, Any] = {"ready": True}
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(serve("worker", home, lambda: report))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield report
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    loop.close()


@pytest.fixture
def signals() -> Iterator[None]:
    """Signals that are answered afterwards as before: `run` answers them until its process ends."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, answer in before.items():
        signal.signal(number, answer)


@pytest.mark.usefixtures("worker")
def test_a_role_that_works_is_ready() -> None:
    ended = CliRunner().invoke(health)

    assert (ended.exit_code, ended.output) == (0, "worker       ready\n")


def test_a_role_that_still_loads_its_tables_is_not(worker: dict[str, Any]) -> None:
    worker |= {"ready": False, "loaded": 12}

    ended = CliRunner().invoke(health, ["--json"])

    assert ended.exit_code == 1
    assert orjson.loads(ended.output) == {"ready": False, "roles": {"worker": {"ready": False, "loaded": 12}}}


@pytest.mark.usefixtures("worker")
def test_one_role_that_is_down_makes_the_whole_unready(home: Path) -> None:
    note_of("ingress", home).write_bytes(orjson.dumps({"name": "ingress", "pid": 1, "port": 9}))

    ended = CliRunner().invoke(health)

    assert ended.exit_code == 1
    assert ended.output == "ingress      it does not run, or does not answer\nworker       ready\n"


@pytest.mark.usefixtures("worker")
def test_while_only_some_of_the_roles_have_begun_to_answer_the_whole_is_not_ready(home: Path) -> None:
    with awaited(["ingress"], home):
        ended = CliRunner().invoke(health)

    assert ended.exit_code == 1
    assert ended.output.startswith("ingress      it starts, or failed; ")
    assert CliRunner().invoke(health).exit_code == 0


async def test_a_role_that_answers_for_itself_is_not_forgotten_with_those_that_never_did(home: Path) -> None:
    with awaited(["ingress", "worker"], home):
        assert address("worker", home) == ""
        runner = await serve("worker", home, lambda: {"ready": True})

    assert note_of("worker", home).exists()
    assert not note_of("ingress", home).exists()
    await runner.cleanup()


FAILS = """
import asyncio, pathlib, sys
from app.process.health import serve

async def main():
    site = await serve("view", pathlib.Path(sys.argv[1]), dict)
    await site.cleanup()
    sys.exit(78)

asyncio.run(main())
"""


@pytest.mark.usefixtures("worker", "signals")
def test_a_role_that_took_its_word_back_and_failed_is_missed_while_somebody_keeps_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRESHFORCE_KAFKA", "localhost:9")
    view = Child("view", (sys.executable, "-c", FAILS, str(home.absolute())))

    with awaited(["view"], home):
        assert asyncio.run(_supervise(load(), [view])) == 78
        ended = CliRunner().invoke(health)

    assert ended.exit_code == 1
    assert ended.output.startswith("view         it starts, or failed; ")
    assert CliRunner().invoke(health).exit_code == 0


def test_where_nothing_can_be_written_those_that_run_go_on(tmp_path: Path) -> None:
    (tmp_path / "run").touch()

    missed("view", tmp_path)


async def test_a_role_that_ended_in_order_is_missed_by_nobody(home: Path) -> None:
    runner = await serve("worker-2", home, lambda: {"ready": True})

    await runner.cleanup()

    assert not note_of("worker-2", home).exists()


@pytest.mark.usefixtures("home")
def test_where_nothing_was_started_nothing_is_ready() -> None:
    ended = CliRunner().invoke(health)

    assert ended.exit_code == 1
    assert "freshforce run" in ended.output
