"""A consumer group as its coordinator sees it: who is in it, and when nobody is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.kafka.inventory import administering, await_coordinator

LOOK_EVERY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group, as people can find it."""

    client: str
    host: str


class StillThere(TimeoutError):
    """Members did not leave a group in time."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__(", ".join(f"{member.client} on {member.host}" for member in members))
        self.members = members


async def members(options: Mapping[str, Any], group: str) -> Sequence[Member]:
    """Return who is in `group` now.

    Raises:
        KafkaAway: no broker answers.
    """
    async with administering(options) as admin:
        await await_coordinator(admin, group)
        coordinator = await admin.find_coordinator(group)
        described = await admin.describe_consumer_groups([group], coordinator)
    found = [member for answer in described for one in answer.groups for member in one[5]]
    return [Member(client, host.removeprefix("/")) for _, client, host, *_ in found]


async def emptied(options: Mapping[str, Any], group: str, patience: float) -> None:
    """Return when nobody is in `group` any more.

    Raises:
        StillThere: somebody still is, after `patience` seconds.
        KafkaAway: no broker answers.
    """
    left: Sequence[Member] = ()
    try:
        async with asyncio.timeout(patience):
            while left := await members(options, group):  # noqa: ASYNC110  # Kafka rings no bell
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise StillThere(left) from None
