"""Setting up a sandbox org: plan, apply, and what came of each thing."""

from collections.abc import Sequence

from app.salesforce.setup.apply import apply
from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from tests.builders.salesforce import ACME
from tests.builders.salesforce_org import Joined

NAMES = [field.full_name for field in DECLARED if field.only_with is None]
"""Those that every org is asked for."""


def quiet(_: str) -> None:
    """Tell nobody."""


async def planned(here: Joined) -> list[Item]:
    return plan(await look(here.lanes.client(ACME)), ACME)


async def applied(here: Joined) -> list[Item]:
    client = here.lanes.client(ACME)
    return await apply(client, await look(client), quiet)


def states(items: Sequence[Item]) -> set[State]:
    return {item.state for item in items}


def named(items: Sequence[Item], what: str) -> Item:
    return next(item for item in items if item.what == what)


def writes(here: Joined) -> int:
    calls: dict[str, int] = here.org.control.counters()["calls"]
    return sum(count for name, count in calls.items() if not name.startswith("GET"))
