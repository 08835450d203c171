"""How many rows of a client wait, behind a failed one or for whatever else."""

from types import SimpleNamespace
from typing import Any

from app.desk.matches.at import waiting
from app.view.store import Store
from streams.domain.command import SObject
from streams.ports import Undecided
from streams.steps.ends import parked, superseded
from tests.builders.commands import a_command
from tests.unit.view.test_view_letters import keep


async def test_the_page_of_matches_counts_the_rows_of_a_client_that_waits_for_a_person(store: Store) -> None:
    account, older, newer = (
        a_command(),
        a_command(SObject.OPPORTUNITY, 31, version=1),
        a_command(SObject.OPPORTUNITY, 31, version=2),
    )
    undecided = parked(account, Undecided("2 Accounts are like it"))
    await keep(store, undecided, parked(older, None), superseded(older, "newer"), parked(newer, None))

    async def opened() -> Store:
        return store

    desk: Any = SimpleNamespace(store=opened)

    assert await waiting(desk, [("acme", 7), ("acme", 8)]) == {("acme", 7): 2}
