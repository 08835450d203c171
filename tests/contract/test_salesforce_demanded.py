"""A demanded row is written whatever this worker remembers of it: another one may have had it since."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager

import pytest

from app.salesforce.lanes.lanes import Lanes, salesforce_rows
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.command import Command
from streams.ports import Applied
from streams.steps.deliver import Deliver
from tests.builders.deals import Deal, a_deal
from tests.builders.salesforce import a_sale
from tests.builders.salesforce_org import KeyOf
from tests.builders.waiting import until

DEMAND = {"nonce": "0123456789abcdef"}
DEMANDED = a_sale("won", version=9).model_copy(update=DEMAND)
NEWER = a_sale("won", version=10, amount="77.00")
MANY = range(100, 1100)


@pytest.fixture
async def deal() -> AsyncIterator[Deal]:
    """Have a sale that this worker believes won, and that another one has opened again."""
    async with a_deal() as whole:
        await whole.becomes("won")
        async with another(whole) as lanes:
            await whole.becomes("invoiced", lanes)
        yield whole


def another(deal: Deal) -> AbstractAsyncContextManager[Lanes]:
    """Open the lanes of another worker."""
    return salesforce_rows(deal.here.settings, KeyOf(deal.here.org), allow_http=True)


async def written(deal: Deal, commands: Iterable[Command]) -> int:
    """Write all at once; return how many calls that took."""
    deal.here.org.control.reset_counters()
    answers = await asyncio.gather(*map(deal.here.lanes.write, commands))
    assert all(isinstance(answer, Applied) for answer in answers)
    return deal.here.calls()


def befalls(deal: Deal, path: str, *kinds: FaultKind) -> None:
    """Let something befall the next call of a path; delays are of half a second."""
    deal.here.org.control.reset_counters()
    rules = tuple(Rule(kind=kind, path=path, next=1, seconds=0.5) for kind in kinds)
    deal.here.org.control.faults(Faults(rules=rules))


async def test_the_state_that_replaces_it_while_it_waits_for_its_call_gives_the_stage_back(
    deal: Deal,
) -> None:
    await asyncio.gather(deal.here.lanes.write(DEMANDED), deal.here.lanes.write(NEWER))

    assert (deal.stage, deal.row["Amount"]) == ("Closed Won", 77.0)


async def test_the_state_that_waits_behind_its_call_gives_the_stage_back_when_that_one_fails(
    deal: Deal,
) -> None:
    befalls(deal, "*/query*", FaultKind.DELAY, FaultKind.ANSWER)
    first = deal.here.lanes.put(DEMANDED)
    await asyncio.sleep(0.1)  # it is on its way

    await asyncio.gather(first, deal.here.lanes.write(NEWER))

    assert (deal.stage, deal.row["Amount"]) == ("Closed Won", 77.0)


@pytest.mark.parametrize("amount", ["12.50", "77.00"], ids=["the same", "another"])
async def test_the_state_that_deliver_sends_in_its_place_gives_the_stage_back(
    deal: Deal, amount: str
) -> None:
    step = Deliver(deal.here.lanes, {}, {})

    await asyncio.gather(step.ask(DEMANDED), step.ask(a_sale("won", version=10, amount=amount)))

    assert deal.stage == "Closed Won"


async def test_a_thousand_demanded_rows_cost_one_look_beside_their_five_calls(deal: Deal) -> None:
    await written(deal, (a_sale("won", it) for it in MANY))
    deal.here.lanes.forget()

    again = (a_sale("won", it, version=2, amount="9.00") for it in MANY)
    calls = await written(deal, (it.model_copy(update=DEMAND) for it in again))

    assert calls == 6


async def test_a_look_from_before_it_was_demanded_is_not_gone_by(deal: Deal) -> None:
    deal.here.lanes.forget()
    befalls(deal, "*/composite/sobjects/*", FaultKind.DELAY)
    before = [deal.here.lanes.put(a_sale("won", it)) for it in range(100, 300)]
    before.append(deal.here.lanes.put(a_sale("invoiced", version=8)))
    await until(lambda: deal.here.calls() > 0)  # all are looked at
    async with another(deal) as lanes:
        await deal.becomes("won", lanes)

    await deal.here.lanes.write(a_sale("invoiced", version=9).model_copy(update=DEMAND))

    await asyncio.gather(*before)
    assert deal.stage == "Negotiation/Review"
