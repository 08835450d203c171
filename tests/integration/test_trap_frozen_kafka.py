"""A Kafka that does not answer, on a real one that is frozen: the worker still ends when it is told to."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kafka.embedded import single
from tests.builders.run import Run


@contextmanager
def frozen(home: Path) -> Iterator[None]:
    """Let the broker of `home` answer nobody, without closing a connection."""
    node = single.find(home)
    assert node is not None
    pid = node.daemon.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def stopped(run: Run) -> tuple[int, float]:
    """Tell the worker to stop; return its exit code and the seconds it took."""
    began = time.monotonic()
    run.processes["w1"].send_signal(signal.SIGTERM)
    return await run.exit_code(), time.monotonic() - began


async def test_told_to_stop_while_kafka_does_not_answer_it_ends_and_says_that_it_could_not_in_order(
    own_home: Path,
) -> None:
    """Stock Faust waits for ever for what is not acknowledged."""
    run = Run.fresh(single.start(own_home / "kafka"), own_home)
    await run.create()
    await run.feed(20_000)
    run.start()
    await run.ready()

    with frozen(own_home / "kafka"):
        code, seconds = await stopped(run)
    left = run.sent - sum((await run.committed()).values())
    run.start()
    await run.caught_up(60)
    run.end()

    assert (code, seconds < 15) == (70, True), f"{code} after {seconds:.1f} s"
    assert left > 0, "it was done before Kafka froze: feed it more"
    assert set(await run.said()) == set(range(run.sent))
    assert await run.table() == run.right_table()
