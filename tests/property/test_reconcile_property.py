"""Random histories with planted differences: each is named and nothing else, and --apply puts it right."""

from collections.abc import Mapping

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.reconcile.money import Sums
from app.reconcile.report import Report, Side
from streams.domain.command import SObject
from tests.fakes.virtual_time import simulate
from tests.simulation.reconciled import Planted, Reconciled, ReconciledTogether, found
from tests.simulation.reconciled_orders import ReconciledOrders
from tests.simulation.tidy import tidy

SEEDS = st.integers(0, 2**32)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed is no simpler story."""


async def played(world: Reconciled) -> tuple[Report, Planted | None, Report, Report]:
    await world.play()
    world.meddle()
    await world.play()
    before = await world.compared()
    planted = world.plant()
    after = await world.compared()
    await world.put_right(after)
    return before, planted, after, await world.compared()


def _money_agrees(report: Report) -> bool:
    """Tell whether all three sides have each client's money; one whose Account is left alone has two.

    Nobody looks for what became overdue since the last record of a client: that may differ.
    """
    return all({Side.FRESHBOOKS, Side.LOG} <= it.sides.keys() and _agree(it.sides) for it in report.clients)


def _agree(sides: Mapping[Side, Mapping[str, Sums]]) -> bool:
    one, *others = [
        {currency: (sums.outstanding, sums.paid) for currency, sums in side.items()}
        for side in sides.values()
    ]
    return all(other == one for other in others)


def _check(world: Reconciled) -> Planted | None:
    before, planted, after, mended = simulate(tidy(played(world)))

    assert found(before) == set()
    assert before.explained == []
    assert _money_agrees(before)
    assert found(after) == ({planted} if planted else set())
    assert found(mended) == set()
    assert _money_agrees(mended)
    return planted


@settings(max_examples=30, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 12), st.integers(1, 3))
def test_a_planted_difference_is_named_and_nothing_else_and_its_event_puts_it_right(
    seed: int, deeds: int, clients: int
) -> None:
    _check(Reconciled(seed, deeds, 0.0, clients))


@settings(max_examples=20, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 12), st.integers(2, 3))
def test_clients_that_share_an_account_are_compared_as_one_customer(
    seed: int, deeds: int, clients: int
) -> None:
    _check(ReconciledTogether(seed, deeds, 0.0, clients))


@settings(max_examples=20, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 12), st.integers(1, 3))
def test_orders_that_somebody_made_changed_or_deleted_are_named_and_put_right(
    seed: int, deeds: int, clients: int
) -> None:
    world = ReconciledOrders(seed, deeds, 0.0, clients)

    planted = _check(world)

    if planted and planted[2] == SObject.ORDER:  # FreshBooks is as the model has it still
        assert world.found_orders() == world.wanted_orders()


@pytest.mark.slow
@settings(max_examples=100, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 40), st.integers(1, 4))
def test_long_histories_are_compared_without_a_false_word(seed: int, deeds: int, clients: int) -> None:
    _check(Reconciled(seed, deeds, 0.0, clients))
