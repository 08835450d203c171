"""An Opportunity in a sandbox org, what our lanes write of it, and what a salesperson does to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.salesforce.lanes.lanes import Lanes
from streams.domain.command import SObject
from streams.ports import Applied
from tests.builders.salesforce import KEYS, a_sale, an_account
from tests.builders.salesforce_org import Joined, joined_org

KEY = KEYS[SObject.OPPORTUNITY]


@dataclass
class Deal:
    """One Opportunity of ours, and what befalls it."""

    here: Joined
    version: int = 1

    async def becomes(self, phase: Any, lanes: Lanes | None = None, **given: Any) -> Applied:
        """Let the books say so."""
        self.version += 1
        answer = await (lanes or self.here.lanes).write(a_sale(phase, version=self.version, **given))
        assert isinstance(answer, Applied)
        return answer

    def sets(self, stage: str) -> None:
        """Let a person set the stage."""
        self.here.org.control.people.edit("Opportunity", self.row["Id"], {"StageName": stage})

    @property
    def row(self) -> dict[str, Any]:
        return self.here.row("Opportunity", KEY, "ACC1:10")

    @property
    def stage(self) -> str:
        return str(self.row["StageName"])


@asynccontextmanager
async def a_deal() -> AsyncIterator[Deal]:
    """Have an org with one Account of ours, and a sale that is not there yet."""
    async with joined_org() as here:
        await here.lanes.write(an_account(1))
        yield Deal(here)
