"""Dead members of the group: a worker that was killed cannot say that it leaves, so the next one says it.

Without this its partitions rest until Kafka misses its heartbeats, ten seconds after each crash.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.group import LeaveGroupRequest

from app.kafka.inventory import administering
from streams.domain.errors import Unreachable
from streams.domain.identity import digest

_PREFIX: Final = "freshforce"
_NOWHERE: Final = "unknown"
"""Where we cannot tell one world of processes from another, nobody is known to be dead."""
_WORLD: Final = (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid"))

_log = structlog.get_logger(__name__)


def name(pid: int) -> str:
    """Return the name under which the process `pid` of this machine is a client of Kafka."""
    return f"{_PREFIX}-{_machine()}-{pid}"


async def remove_dead(options: Mapping[str, Any], group: str) -> None:
    """Take out of `group` what died on this machine, so that its partitions move on at once.

    Only what certainly is dead: same boot, same process namespace, and no such process any more. Where
    Kafka gives no answer nothing is lost but time: it takes dead members out by itself.
    """
    with suppress(KafkaError, Unreachable, TimeoutError):
        async with administering(options) as admin:
            coordinator = await admin.find_coordinator(group)
            for member in await _dead(admin, group, coordinator):
                await admin._send_request(LeaveGroupRequest(group, member), coordinator)  # noqa: SLF001  # it has no public one
                _log.info("worker.predecessor_removed", group=group)


async def _dead(admin: AIOKafkaAdminClient, group: str, coordinator: int) -> list[str]:
    described = await admin.describe_consumer_groups([group], coordinator)
    members = [member for answer in described for one in answer.groups for member in one[5]]
    return [member_id for member_id, client, *_ in members if is_dead(client)]


def is_dead(client: str) -> bool:
    """Tell whether `client` named a process of this machine that has ended."""
    machine, pid = client.removeprefix(_PREFIX + "-").rpartition("-")[::2]
    return machine == _machine() != _NOWHERE and pid.isdigit() and not _is_alive(int(pid))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _machine() -> str:
    """Name the world in which a process id means one process: this boot, this container."""
    boot, space = _WORLD
    if not boot.exists():
        return _NOWHERE
    return digest("machine", boot.read_text(), str(space.stat().st_ino))[:12]
