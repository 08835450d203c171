"""Invoices that go from client to client while their rows are refused, kept waiting, retried and lost."""

import asyncio

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.fakes.virtual_time import simulate
from tests.simulation.told import History
from tests.simulation.whole import OFTEN, Whole


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


def _check(seed: int, deeds: int, trouble: float, spoils: float) -> Whole:
    whole = Whole(seed, deeds, trouble, clients=3, spoils=spoils)
    whole.keeper.moves = 3

    simulate(played(whole))

    wanted = whole.wanted()
    assert whole.found(wanted) == wanted
    assert whole.wire.calls["composite/sobjects"] == 0  # read once more, nothing is written
    return whole


@settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**32), st.integers(4, 14), st.sampled_from(OFTEN), st.sampled_from(OFTEN))
def test_the_row_of_an_invoice_ends_as_its_present_client_has_it(
    seed: int, deeds: int, trouble: float, spoils: float
) -> None:
    _check(seed, deeds, trouble, spoils)


def test_what_the_histories_hold_are_words_told_twice_and_rows_refused_and_retried_too_late() -> None:
    stories = [History(_check(seed, 14, 0.25, 0.05).broker) for seed in (21, 57)]

    assert any(True for it in stories for _ in it.words_told_twice())
    assert any(True for it in stories for _ in it.retried_when_their_invoice_was_away())
    assert any(True for it in stories for _ in it.demands_that_were_refused_and_overtaken())
