"""Processes are killed while webhooks come in; then everything must be there.

In full size: `freshforce bench crash`. `CRASH_SEED` in the environment plays the kills of a run again.
"""

import os
import random
from pathlib import Path

from app.bench.crash import Crash
from app.bench.crash_plan import SMALL


async def test_nothing_is_lost_stale_or_doubled_when_ingress_workers_and_broker_are_killed(
    tmp_path: Path,
) -> None:
    seed = int(os.environ.get("CRASH_SEED") or random.randrange(1_000_000))
    verdict = await Crash(tmp_path / "crash", SMALL, seed, _quiet).run()

    assert [*verdict.findings()] == [], f"CRASH_SEED={seed}"
    assert {name: count for name, count in verdict.zeros() if count} == {}, f"CRASH_SEED={seed}"
    assert verdict.killed == SMALL.kills
    assert verdict.counted.accepted > 100


def _quiet(_: str) -> None:
    """Say nothing: the seed is told when a run fails."""
