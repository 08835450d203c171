"""Invoices that go from client to client while their rows are refused, kept waiting, retried and lost."""

import asyncio

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.fakes.virtual_time import simulate
from tests.simulation.whole import Whole


async def played(whole: Whole) -> None:
    """Play a scene, then read its log once more."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # killed processes fail unseen
    try:
        await whole.play()
        await whole.again()
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**32), st.integers(4, 14), st.sampled_from([0.0, 0.05, 0.25]))
@example(2, 12, 0.25)  # a row of the former client was refused, and is retried when it is the new one's
@example(43, 12, 0.25)  # the answer to the former client's last write was lost
@example(3004, 12, 0.25)  # the word of it is told twice of one reading
@example(3084, 12, 0.25)  # a state from before it went comes after it
@example(61, 12, 0.25)  # a demanded row is refused, and overtaken before it is retried
def test_the_row_of_an_invoice_ends_as_its_present_client_has_it(
    seed: int, deeds: int, trouble: float
) -> None:
    whole = Whole(seed, deeds, trouble, clients=3)
    whole.keeper.moves = 3

    simulate(played(whole))

    wanted = whole.wanted()
    assert whole.found(wanted) == wanted
    assert whole.wire.calls["composite/sobjects"] == 0  # read once more, nothing is written
