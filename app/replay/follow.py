"""Follow a replay that runs to its end, and note that it is done."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds
from app.replay.plans import Plans
from app.replay.reach import left_in, left_of, reach, standing
from streams.domain.replay import Replay, ReplayState, Source
from streams.loop.rewind import TOPICS

LOOK_EVERY: Final = 0.5
AFTER: Final[Mapping[Source, tuple[Source, ...]]] = {
    Source.EVENTS: (Source.RECORDS, Source.COMMANDS),
    Source.RECORDS: (Source.COMMANDS,),
    Source.COMMANDS: (),
}
"""What is worked off after a source, in this order."""


async def follow(options: Mapping[str, Any], plans: Plans, replay: Replay, progress: Progress) -> Replay:
    """Return the replay once all that it caused is worked off, or somebody paused or stopped it.

    Raises:
        KafkaAway: no broker answers; the replay goes on.
    """
    total = reach(replay).of
    left, now = await _look(options, plans, replay.id)
    while left or now.state is not ReplayState.RUNNING:
        if now.state in {ReplayState.PAUSED, ReplayState.STOPPED, ReplayState.DONE}:
            return now
        progress(total - left, total)
        await asyncio.sleep(LOOK_EVERY)
        left, now = await _look(options, plans, replay.id)
    progress(total, total)
    for source in AFTER[replay.source]:
        await _worked_off(options, source, progress)
    now = plans[replay.id]
    return await plans.put(now, state=ReplayState.DONE) if now.state is ReplayState.RUNNING else now


async def _look(options: Mapping[str, Any], plans: Plans, named: str) -> tuple[int, Replay]:
    """Return how many messages a replay has to read yet, and then the replay as it is.

    Whoever pauses it says so before he sets the offsets forward; so they are looked at first.
    """
    left = left_of(plans[named], await standing(options, plans[named]))
    await plans.caught_up()
    return left, plans[named]


async def _worked_off(options: Mapping[str, Any], source: Source, progress: Progress) -> None:
    """Return when the group has done what stands in a topic now; `progress` hears of that in its turn."""
    topic = TOPICS[source].name
    log = await bounds(options, await spots(options, topic))
    total = left = await left_in(options, topic, log)
    while left:
        progress(total - left, total)
        await asyncio.sleep(LOOK_EVERY)
        left = await left_in(options, topic, log)
