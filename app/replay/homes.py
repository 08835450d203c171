"""Whether the goal of a copy has the Accounts that clients share: it has no books to ask anew for one."""

import asyncio
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds
from app.kafka.partition import partition_of
from app.kafka.table import rows_of
from app.replay.reach import left_in
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, client_key
from streams.domain.joined import Joined
from streams.mapping.terms import Terms
from streams.steps.id_map import IdMap, row_key
from streams.topics import COMMANDS, ID_MAP, RECORDS

Joins = Mapping[ClientId, Joined]
"""What was decided last of each client of whom anything was."""

LOOK_EVERY: Final = 0.5
PATIENCE: Final = 60.0
"""Seconds in which the workers do nothing until we stop to wait for them."""


def latest(known: Joined | None, said: Joined) -> Joined:
    """Return what was decided last of the two."""
    return said if known is None or said.at > known.at else known


def homes(joins: Joins) -> AbstractSet[ClientId]:
    """Return the clients whose Account others share; they themselves share nobody's."""
    sharing = {client for client, it in joins.items() if it.to is not None}
    return {it.to for it in joins.values() if it.to is not None} - sharing


def left_out(joins: Joins, there: AbstractSet[ClientId]) -> Mapping[ClientId, ClientId]:
    """Return who shares an Account that is not there, and of whom."""
    return {client: it.to for client, it in sorted(joins.items()) if it.to is not None and it.to not in there}


async def with_accounts(
    options: Mapping[str, Any], goal: Connection, clients: Collection[ClientId]
) -> set[ClientId]:
    """Return which of the clients have their Account in the goal's org, as far as it was delivered.

    Raises:
        KafkaAway: no broker answers.
    """
    count = len(await spots(options, ID_MAP.changelog)) if clients else 0
    by_partition: dict[int, list[ClientId]] = {}
    for home in clients:
        key = client_key(goal.name, home).encode()
        by_partition.setdefault(partition_of(key, count), []).append(home)
    found = set[ClientId]()
    for partition, its in by_partition.items():
        known = IdMap(await rows_of(options, ID_MAP, partition))
        found |= {home for home in its if known.of(_account(goal, home)).there}
    return found


async def worked_off(options: Mapping[str, Any], progress: Progress, patience: float = PATIENCE) -> None:
    """Return once the workers have done what stands in the log now, or did nothing for a while.

    Raises:
        KafkaAway: no broker answers.
    """
    clock = asyncio.get_running_loop().time
    for topic in (RECORDS.name, COMMANDS.name):  # a record's commands are written before it counts as done
        log = await bounds(options, await spots(options, topic))
        left = total = await left_in(options, topic, log)
        since = clock()
        while left and clock() - since < patience:
            progress(total - left, total)
            await asyncio.sleep(LOOK_EVERY)
            before, left = left, await left_in(options, topic, log)
            since = since if left == before else clock()


def _account(goal: Connection, home: ClientId) -> bytes:
    external_id = Terms.of(goal).external_id(home)
    return row_key(f"{client_key(goal.name, home)}:{SObject.ACCOUNT.value}:{external_id}")
