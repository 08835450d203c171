"""A mapping that was set and set back: both say something of a row at the same version of the books."""

import pytest

from streams.domain.command import SObject
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk

NOW = a_command(says="Acme", version=6)
BETWEEN = a_command(says="Elsewhere", version=6)
BACK = a_command(says="Acme", version=6, cause="set back")


@pytest.fixture
async def desk() -> Desk:
    """Return a desk whose worker sent what was set between, and died before it could say so."""
    desk = Desk()
    await desk.tell(NOW)
    await desk.org.write(BETWEEN)
    desk.restart()
    return desk


async def test_what_a_dead_worker_may_have_sent_by_the_mapping_between_does_not_stay(desk: Desk) -> None:
    await desk.tell(BETWEEN, BACK)

    assert _name(desk) == "Acme"


async def test_nor_does_it_when_the_next_worker_dies_after_it_has_passed_that_over(desk: Desk) -> None:
    passed_over = desk.step.ask(BETWEEN), desk.step.ask(BACK)
    [*desk.step(BETWEEN, await passed_over[0])]
    await desk.org.write(BETWEEN)
    desk.restart()

    await desk.tell(BACK)

    assert _name(desk) == "Acme"


async def test_what_is_the_same_by_both_mappings_costs_no_call() -> None:
    desk = Desk()
    await desk.tell(NOW)

    await desk.tell(NOW, BACK)

    assert len(desk.calls) == 1


async def test_contents_of_one_version_that_are_read_again_cost_one_call_for_the_last_of_them() -> None:
    desk = Desk()
    for it in (NOW, BETWEEN, BACK):
        await desk.tell(it)
    so_far = len(desk.calls)
    desk.restart()

    await desk.tell(NOW, BETWEEN, BACK)

    assert [it.id for it in desk.org.written[so_far:]] == [BACK.id]


def _name(desk: Desk) -> object:
    return desk.org.rows[ACME, SObject.ACCOUNT, "p7rQW5:7"]["Name"]
