"""Traps of the framework, on a real Kafka: whatever fails, nothing is committed beyond what is safe."""

import asyncio
import signal
import time
from pathlib import Path

from tests.builders.run import Run


async def test_a_step_that_fails_ends_the_worker_and_its_message_is_read_again(
    kafka: str, tmp_path: Path
) -> None:
    """Stock Faust acknowledges what its agent raised on, and lives on."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(200)

    run.start(fail="raise:150")
    code = await run.exit_code()
    committed = await run.committed()
    await asyncio.sleep(0.2)
    run.start()
    await run.caught_up()
    run.end()

    assert code == 70
    assert committed[0] <= 150
    assert set(await run.said()) == set(range(200))
    assert await run.table() == run.right_table()
    assert "the world failed" in run.log.read_text()


async def test_an_answer_that_never_comes_does_not_hold_up_the_stop_and_is_asked_for_again(
    kafka: str, tmp_path: Path
) -> None:
    """Stock Faust waits for ever for an unacknowledged message, or commits past it."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(60)

    run.start(fail="hang:40")
    await run.ready()
    await asyncio.sleep(1)
    run.processes["w1"].send_signal(signal.SIGTERM)
    began = time.monotonic()
    code = await run.exit_code()
    stopped_in = time.monotonic() - began
    committed = await run.committed()
    run.start()
    await run.caught_up()
    run.end()

    assert (code, committed[0]) == (0, 40)
    assert stopped_in < 10
    assert sorted(await run.said()) == list(range(60))


async def test_a_gap_in_offsets_ends_the_worker(kafka: str, tmp_path: Path) -> None:
    """Stock Faust counts what it never delivered as acknowledged."""
    run = Run.fresh(kafka, tmp_path)
    await run.create()

    run.start(fail="gap")

    assert await run.exit_code() == 70
    assert "3 to 6 never came" in run.log.read_text()


async def test_a_damaged_changelog_stops_the_start(kafka: str, tmp_path: Path) -> None:
    """Stock Faust logs a warning, and waits for ever or works on with a wrong table."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(10)
    run.start()
    await run.caught_up()
    run.end()

    run.start(fail="packed")  # a table of another shape: to it, every record is damaged

    assert await run.exit_code() == 70
    assert "bytes in a table of" in run.log.read_text()


async def test_after_a_kill_the_next_worker_is_ready_within_the_session_and_a_little(
    kafka: str, tmp_path: Path
) -> None:
    """With the framework's default session of 60 s it takes a minute."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(10)
    run.start()
    await run.caught_up()

    run.processes["w1"].kill()
    await run.exit_code()
    began = time.monotonic()
    run.start()
    await run.ready()
    took = time.monotonic() - began
    run.end()

    assert took < run.plan.session + 5


async def test_a_message_without_value_or_key_becomes_a_dead_letter_and_the_work_goes_on(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.produce(None, b"key")
    await run.produce(b"{}", None)
    await run.feed(5)

    run.start()
    await run.caught_up()
    run.end()

    assert await run.said() == [0, 1, 2, 3, 4]
    assert [letter.place.offset for letter in await run.dead_letters()] == [0, 1]
