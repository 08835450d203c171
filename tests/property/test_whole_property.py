"""Whatever happens in whatever order, and whatever Salesforce does meanwhile: the rows are the model's."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.sandbox.salesforce.people import People
from tests.fakes.sandbox_wire import KINDS
from tests.fakes.virtual_time import simulate
from tests.simulation.tidy import tidy
from tests.simulation.whole import OFTEN, Whole

SEEDS = st.integers(0, 2**32)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed is no simpler story."""


async def played(whole: Whole) -> int:
    """Play a scene, with a person at work in the middle; read its log once more, return the calls of that."""
    await whole.play()
    whole.meddle()
    await whole.play()
    await whole.play()
    return await whole.again()


def _check(seed: int, deeds: int, trouble: float, clients: int, spoils: float) -> None:
    whole = Whole(seed, deeds, trouble, clients, spoils)

    calls = simulate(tidy(played(whole)))

    wanted = whole.wanted()
    assert whole.found(wanted) == wanted
    assert calls == 0


@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 12), st.sampled_from(OFTEN), st.integers(1, 3), st.sampled_from(OFTEN))
def test_a_random_history_ends_in_the_rows_of_the_model_and_a_second_run_calls_nobody(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    _check(seed, deeds, trouble, clients, spoils)


def test_all_that_can_go_wrong_does_and_a_wrong_row_would_be_seen() -> None:
    whole = Whole(seed=7, deeds=40, trouble=0.25, clients=2, spoils=0.25)

    simulate(tidy(played(whole)))
    wanted, people = whole.wanted(), People(whole.org)
    right = whole.found(wanted)
    people.edit("Account", people.rows("Account")[0]["Id"], {"FreshBooks_Overdue__c": "CAD 0.01"})

    assert (+whole.wire.struck).keys() == KINDS
    assert whole.salesperson.chosen
    assert right == wanted
    assert whole.found(wanted) != wanted


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 60), st.sampled_from(OFTEN), st.integers(1, 4), st.sampled_from(OFTEN))
def test_long_histories_end_in_the_rows_of_the_model(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    _check(seed, deeds, trouble, clients, spoils)
