"""Whatever invoices sell in whatever order, and whatever Salesforce refuses: the lines are the invoices'."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.sandbox.salesforce.people import People
from tests.builders.itemised import LINE_KEY
from tests.fakes.virtual_time import simulate
from tests.simulation.itemised import Itemised
from tests.simulation.tidy import tidy
from tests.simulation.whole import OFTEN

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed is no simpler story."""


async def played(whole: Itemised) -> int:
    """Play a scene, read its log once more, and return the calls of that."""
    await whole.play()
    return await whole.again()


@settings(max_examples=25, deadline=None, phases=UNSHRUNK)
@given(st.integers(0, 2**32), st.integers(1, 12), st.sampled_from(OFTEN), st.sampled_from(OFTEN))
def test_a_random_history_ends_in_the_lines_of_its_invoices_and_a_second_run_calls_nobody(
    seed: int, deeds: int, trouble: float, spoils: float
) -> None:
    whole = Itemised(seed, deeds, trouble, spoils=spoils)

    calls = simulate(tidy(played(whole)))

    wanted = whole.wanted()
    assert whole.found_lines() == whole.wanted_lines()
    assert whole.off_balance() == {}
    assert whole.found(wanted) == wanted
    assert calls == 0


def test_lines_are_sold_or_kept_by_an_invoice_that_is_a_draft_again_and_a_wrong_one_would_be_seen() -> None:
    whole = Itemised(seed=5, deeds=30, trouble=0.25, spoils=0.05)

    simulate(tidy(played(whole)))
    wanted, people = whole.wanted_lines(), People(whole.org)
    right, kept = whole.found_lines(), whole.kept_lines()
    sold = {key for lines in wanted.values() for key, *_ in lines}
    wrong = next(row for row in people.rows("OpportunityLineItem") if row[LINE_KEY] in sold)
    people.edit("OpportunityLineItem", wrong["Id"], {"UnitPrice": 0.01})

    assert sum(map(len, wanted.values())) > 3
    assert kept
    assert min(whole.wire.struck.values()) > 0
    assert right == wanted
    assert whole.found_lines() != wanted
