"""Keeps the embedded Kafka running, as the supervisor keeps the roles."""

import asyncio
from pathlib import Path
from typing import Final, NoReturn

import structlog

from app.kafka.embedded import single
from app.kafka.embedded.failures import EmbeddedKafkaFailed

LOOK: Final = 1.0
"""Seconds between two looks."""
PAUSE: Final = 10.0
"""Seconds until a start that failed is tried again: a disk may be full for long."""

_log = structlog.get_logger(__name__)


async def keep(home: Path, look: float = LOOK) -> NoReturn:
    """Start the Kafka of `home` again whenever it is gone, whoever ended it, until cancelled.

    It comes back on its port and with all that it acknowledged; its clients find it again by themselves.
    """
    while True:
        await asyncio.sleep(look)
        if single.running(home) is None:
            _log.error("kafka-gone", log=str(home / "kafka.log.1"))
            await _start(home)


async def _start(home: Path) -> None:
    try:
        await asyncio.to_thread(single.start, home)
    except EmbeddedKafkaFailed as failed:
        _log.error("kafka-does-not-start", code=failed.code, why=str(failed), mend=failed.mend)
        await asyncio.sleep(PAUSE)
