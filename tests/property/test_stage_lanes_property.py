"""Lost answers, refusals and workers that forget: nothing of it makes our own stage a person's."""

import asyncio
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.salesforce.wire.wire import API, Reply, Request
from streams.domain.command import Phase
from streams.domain.errors import Unreachable
from streams.ports import Applied, Replaced
from tests.builders.lanes import lanes_to
from tests.builders.salesforce import STAGES, a_failed_row, a_field, a_reply, a_sale, an_account
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate

OURS = ("FreshBooks_Stage__c", "FreshBooks_Stage_Before__c")
KEPT = [*FIELDS["Opportunity"], *(a_field(name, length=255) for name in OURS), a_field("IsClosed", "boolean")]


def troubled(chance: Random, trouble: float) -> Any:
    """Return a judge that locks rows and refuses batches by chance."""

    def judge(_: str, records: list[dict[str, Any]]) -> Reply | list[Any]:
        if chance.random() < trouble:
            return a_reply(503, page="<html>down</html>")
        return [a_failed_row("UNABLE_TO_LOCK_ROW") if chance.random() < trouble else None for _ in records]

    return judge


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*STAGES]), st.sampled_from([0.0, 0.1, 5.0]), st.booleans()), min_size=1
    ),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.3]),
)
def test_the_stage_is_the_last_that_the_books_wanted_and_nobody_elses(
    happens: list[tuple[Phase, float, bool]], seed: int, trouble: float
) -> None:
    chance = Random(seed)
    wire = FakeWire(judge=troubled(chance, trouble), fields=FIELDS | {"Opportunity": KEPT})

    async def lossy(request: Request) -> Reply:
        reply = await wire(request)
        for row in wire.rows.values():
            row["IsClosed"] = row.get("StageName", "").startswith("Closed")
        if "/composite/" in request.url and chance.random() < trouble:
            raise Unreachable(API, "reset")
        return reply

    async def story() -> list[Any]:
        lanes = lanes_to(lossy)
        answers = [lanes.put(an_account(1))]
        for version, (phase, gap, moved) in enumerate(happens, 1):
            answers.append(lanes.put(a_sale(phase, version=version)))
            await asyncio.sleep(gap)
            if moved:
                lanes.forget()
        return await asyncio.gather(*answers)

    told = simulate(story())

    row = wire.rows["Opportunity", "ACC1:10"]
    assert row["StageName"] == row[OURS[0]] == STAGES[happens[-1][0]]
    assert row[OURS[1]] is None
    assert all(
        isinstance(answer, Replaced) or (isinstance(answer, Applied) and not answer.notes) for answer in told
    )
