"""A worker that was killed does not keep its partitions from the next one."""

import signal
from pathlib import Path

from tests.builders.run import Run

REMOVED = "worker.predecessor_removed"


async def test_after_a_kill_the_next_worker_need_not_wait_for_kafka_to_notice(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, session=18.0)
    await run.create()
    await run.feed(100)
    run.start("w1")
    try:
        await run.ready("w1")
        run.processes["w1"].send_signal(signal.SIGKILL)
        await run.exit_code("w1")

        run.start("w1")
        await run.ready("w1")

        await run.feed(50)
        await run.caught_up()
        assert run.log.read_text().count(REMOVED) == 1
        assert len({*await run.said()}) == 150
    finally:
        run.end()


async def test_a_worker_that_runs_is_not_taken_for_dead(kafka: str, tmp_path: Path) -> None:
    run = Run.fresh(kafka, tmp_path, partitions=2)
    await run.create()
    run.start("w1")
    try:
        await run.ready("w1")

        run.start("w2")
        said = await run.ready("w2")

        assert said["partitions"] in ([0], [1])
        assert REMOVED not in run.log.read_text()
    finally:
        run.end()
