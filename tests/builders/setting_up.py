"""Setting up a sandbox org: plan, apply, and what came of each thing."""

from collections.abc import Sequence

from app.salesforce.setup.apply import apply
from app.salesforce.setup.export import UNASKED
from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from tests.builders.salesforce import ACME
from tests.builders.salesforce_org import Joined

NAMES = [field.full_name for field in DECLARED if not {field.sobject, field.only_with} & UNASKED]
"""Those that every org is asked for."""


def quiet(_: str) -> None:
    """Tell nobody."""


async def planned(here: Joined, *, lines: bool = False) -> list[Item]:
    return plan(await look(here.lanes.client(ACME), lines=lines), ACME)


async def applied(here: Joined, *, lines: bool = False) -> list[Item]:
    client = here.lanes.client(ACME)
    return await apply(client, await look(client, lines=lines), quiet)


def states(items: Sequence[Item]) -> set[State]:
    return {item.state for item in items}


def named(items: Sequence[Item], what: str) -> Item:
    return next(item for item in items if item.what == what)


def writes(here: Joined) -> int:
    calls: dict[str, int] = here.org.control.counters()["calls"]
    return sum(count for name, count in calls.items() if not name.startswith("GET"))
