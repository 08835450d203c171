"""Whether rows are refused for want of a right on their object, or because a trigger failed over them.

Salesforce says both by one code; how it describes the object tells them apart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.salesforce.answers.meanings import SETUP, Meaning
from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Outcome
from app.salesforce.shape.describe import SOLD_BY, Shape
from streams.domain.command import SObject
from streams.domain.errors import FreshforceError

_NO_WRITING: Final = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"

_BELIEVED: Final = 60.0
"""Seconds for which a look is believed: a trigger may fail in every batch, and each new row lack a right."""

_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    SObject.LINES.value: (SObject.OPPORTUNITY.value, *sorted(SOLD_BY)),
}
"""What is written along with an object: what lines are sold by, and price book or amount of their sale."""


@dataclass(slots=True)
class Rights:
    """What looks at the objects of one org have told of our user's rights."""

    look: Callable[[str, float], Awaitable[Shape]]
    """Returns an object as it is after a moment."""
    _found: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """When was looked last, and whether a right was missing, by object."""

    async def judged(self, outcomes: list[Outcome], sobject: str, left: float) -> list[Outcome]:
        """Return `outcomes` of a request that `left` then; what lacks a right is what a person mends.

        No row is at fault then, and all wait. Nothing is raised: rows may have been written beside them.
        """
        if not any(map(_writes_nothing, outcomes)):
            return outcomes
        for name in (sobject, *_BESIDE.get(sobject, ())):
            if await self._barred(name, left):
                return [_no_right(name) if _writes_nothing(it) else it for it in outcomes]
        return outcomes

    async def _barred(self, sobject: str, left: float) -> bool:
        now = asyncio.get_running_loop().time()
        looked, barred = self._found.get(sobject, (float("-inf"), False))
        if now < looked + _BELIEVED:
            return barred
        try:
            barred = (await self.look(sobject, left)).barred
        except FreshforceError:
            return False
        self._found[sobject] = now, barred
        return barred


def _writes_nothing(outcome: Outcome) -> bool:
    return isinstance(outcome, Refusal) and outcome.code == _NO_WRITING


def _no_right(sobject: str) -> Refusal:
    reason = f"the run-as user may not create or edit {sobject}"
    return Refusal(Meaning.CONFIGURATION, _NO_WRITING, reason, SETUP)
