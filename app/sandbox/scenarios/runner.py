"""Plays a scenario: the same story, seed and size do the same things in the same order."""

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from pydantic import BaseModel

from app.sandbox.freshbooks.acts import Change, Create, Remove, Tell
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.scenarios.cast import Cast
from app.sandbox.scenarios.steps import Acting, Planned, acts_of
from app.sandbox.scenarios.story import (
    LetTimePass,
    LoseAccounts,
    Settle,
    Single,
    Step,
    Story,
    Together,
    Webhooks,
)

AT_ONCE = 25
SETTLE_SECONDS = 120.0
NOW = timedelta()


class Hands(Protocol):
    """What the players need of FreshBooks: the sandbox's backstage, or its control client."""

    async def act(self, acts: Sequence[Create | Change | Remove | Tell]) -> list[int]:
        """Do these and return the objects' ids."""

    async def webhooks(self, **knobs: Any) -> dict[str, Any]:
        """Turn knobs of the webhook sender."""

    async def advance(self, by: timedelta) -> datetime:
        """Move the clock."""

    async def settle(self, timeout: float = SETTLE_SECONDS) -> bool:  # noqa: ASYNC109 - as the backstage has it
        """Wait until all webhooks are delivered; tell whether they were in time."""


class LosesAccounts(Protocol):
    """What the players need of Salesforce."""

    async def lose_accounts(self, clients: Sequence[int]) -> int:
        """Delete the Accounts of these FreshBooks clients; return how many there were."""


class Progress(BaseModel):
    """How far a scenario is. The last one has `step == steps`."""

    scenario: str
    step: int
    steps: int
    doing: str
    acts: int
    """Acts done so far in the whole scenario."""
    note: str = ""


async def play(
    story: Story, seed: int, hands: Hands, *, size: int = 100, salesforce: LosesAccounts | None = None
) -> AsyncIterator[Progress]:
    """Do what the story tells and yield the progress, at least once a step.

    Steps about Salesforce are left out, and said so, where there is none.
    """
    chance = random.Random(f"{story.name} {seed}")  # noqa: S311 - a rehearsal's chance
    cast = Cast(chance, eastern_day(await hands.advance(NOW)).isoformat())
    done, steps = 0, len(story.steps)
    for number, step in enumerate(story.steps, start=1):
        progress = Progress(scenario=story.name, step=number, steps=steps, doing=step.do, acts=done)
        planned = _planned(step, cast, size)
        while batch := list(islice(planned, AT_ONCE)):
            ids = await hands.act([one.act for one in batch])
            for one, object_id in zip(batch, ids, strict=True):
                one.learn(object_id)
            done += len(batch)
            yield progress.model_copy(update={"acts": done})
        note = await _happen(step, cast, hands, salesforce)
        yield progress.model_copy(update={"acts": done, "note": note})


def _planned(step: Step, cast: Cast, size: int) -> Iterator[Planned]:
    match step:
        case Together():
            return _mixed([_planned(one, cast, size) for one in step.steps], cast.chance)
        case Webhooks() | LetTimePass() | Settle() | LoseAccounts():
            return iter(())
        case _:
            acting: Acting = step
            return acts_of(acting, cast, size)


def _mixed(streams: list[Iterator[Planned]], chance: random.Random) -> Iterator[Planned]:
    """Yield from all streams in random turns; each keeps its own order."""
    while streams:
        stream = chance.choice(streams)
        planned = next(stream, None)
        if planned is None:
            streams.remove(stream)
        else:
            yield planned


async def _happen(step: Single | Together, cast: Cast, hands: Hands, salesforce: LosesAccounts | None) -> str:
    """Do what is no act of FreshBooks' users; return what is to be said of it."""
    match step:
        case Webhooks():
            await hands.webhooks(**step.knobs)
        case LetTimePass():
            cast.day = eastern_day(await hands.advance(timedelta(hours=step.hours))).isoformat()
        case Settle():
            settled = await hands.settle(SETTLE_SECONDS)
            return "all webhooks delivered" if settled else "some webhooks are still under way"
        case LoseAccounts():
            if salesforce is None:
                return "left out: no Salesforce here"
            lost = await salesforce.lose_accounts(cast.some(step.of, step.share))
            return f"{lost} accounts deleted in Salesforce"
        case _:
            pass
    return ""
