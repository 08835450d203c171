"""Whenever people make Orders, and whatever Salesforce refuses: each shows what its invoice comes to."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.sandbox.salesforce.people import People
from tests.fakes.virtual_time import simulate
from tests.simulation.ordering import AMOUNT, Ordering
from tests.simulation.tidy import tidy
from tests.simulation.whole import OFTEN

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed is no simpler story."""


async def played(whole: Ordering) -> int:
    """Play a scene, read its log once more, and return the calls of that."""
    await whole.play()
    return await whole.again()


@settings(max_examples=25, deadline=None, phases=UNSHRUNK)
@given(
    st.integers(0, 2**32),
    st.integers(2, 14),
    st.sampled_from(OFTEN),
    st.integers(1, 2),
    st.sampled_from(OFTEN),
)
def test_a_random_history_ends_in_orders_that_show_their_invoices_amounts_and_a_second_run_calls_nobody(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    whole = Ordering(seed, deeds, trouble, clients, spoils)

    calls = simulate(tidy(played(whole)))

    wanted = whole.wanted()
    assert whole.found_orders() == whole.wanted_orders()
    assert whole.found(wanted) == wanted
    assert calls == 0


@settings(max_examples=15, deadline=None, phases=UNSHRUNK)
@given(
    st.integers(0, 2**32),
    st.integers(2, 14),
    st.sampled_from([0.0, 0.25]),
    st.integers(1, 2),
    st.sampled_from(OFTEN),
)
def test_after_one_look_every_order_shows_its_invoice_s_amount_and_the_next_look_tells_nothing(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    whole = Ordering(seed, deeds, trouble, clients, spoils)

    async def looked_twice() -> tuple[int, int]:
        await whole.play()
        whole.order()
        await whole.look()
        return await whole.look(), await whole.again()

    told, calls = simulate(tidy(looked_twice()))

    wanted = whole.wanted()
    assert whole.found_orders() == whole.wanted_orders()
    assert whole.found(wanted) == wanted
    assert (told, calls) == (0, 0)


def test_a_look_finds_orders_that_no_change_of_their_invoices_had_found() -> None:
    whole = Ordering(seed=12, deeds=20, trouble=0.0, clients=2)

    async def looked() -> tuple[bool, int]:
        await whole.play()
        for _ in range(60):
            whole.order()
        whole.looked |= whole.ordered.keys()
        return whole.found_orders() == whole.wanted_orders(), await whole.look()

    right, told = simulate(tidy(looked()))

    assert (right, told > 1) == (False, True)
    assert whole.found_orders() == whole.wanted_orders()


def test_orders_are_made_and_a_wrong_amount_would_be_seen() -> None:
    whole = Ordering(seed=25, deeds=60, trouble=0.25, clients=2, spoils=0.05)

    simulate(tidy(played(whole)))
    wanted, right = whole.wanted_orders(), whole.found_orders()
    sale = next(iter(wanted))
    People(whole.org).edit("Order", whole.ordered[sale], {AMOUNT: 0.01})

    assert len(wanted) > 2
    assert right == wanted
    assert whole.found_orders() != wanted
