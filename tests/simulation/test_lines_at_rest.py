"""What people do to Opportunities with products while all is at rest: the next change mends it."""

import asyncio

import pytest

from app.sandbox.salesforce.people import People
from streams.domain.snapshot import Client
from tests.fakes.virtual_time import simulate
from tests.simulation.itemised import OPPORTUNITY_KEY, Itemised
from tests.simulation.tidy import tidy


class Deleting(Itemised):
    """A world in which a person deletes what was sold, and clients are called otherwise afterwards."""

    async def play(self) -> None:
        await super().play()
        self.keeper.moves, people = 0, People(self.org)
        self.deleted = [row for row in people.rows("Opportunity") if row["HasOpportunityLineItem"]]
        for row in self.deleted:
            people.delete("Opportunity", row["Id"])
        for it in [it for it in self.keeper.objects.values() if isinstance(it, Client)]:
            renamed = it.model_copy(update={"organization": f"{it.organization} & Daughters"})
            self.keeper.keep(renamed)
        await asyncio.gather(*self._webhooks)
        await self._work_to_the_end()


@pytest.mark.parametrize("seed", [3, 8, 9, 10])
def test_deleted_opportunities_come_back_with_their_products_though_no_invoice_has_changed(
    seed: int,
) -> None:
    whole = Deleting(seed, deeds=25)

    simulate(tidy(whole.play()))

    lost = {row[OPPORTUNITY_KEY] for row in whole.deleted}
    assert lost & whole.wanted_lines().keys()
    assert whole.found_lines() == whole.wanted_lines()
    assert whole.off_balance() == {}
