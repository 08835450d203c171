"""A row that goes to another content and back, while a crash hides what was sent of it."""

from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import ACCOUNT, FAILED, OPPORTUNITY, SALE, a_refused_contact, discarded

THERE, CHANGED, BACK = (
    a_command(ACCOUNT, version=it, says=says) for it, says in ((1, "Acme"), (2, "B"), (3, "Acme"))
)


def loses_its_tables(desk: Desk) -> None:
    """Let a worker follow that has the tables as they are now, whatever is sent before it begins."""
    desk.id_map, desk.parked = dict(desk.id_map), dict(desk.parked)


async def test_what_a_dead_worker_may_have_sent_in_between_is_overwritten() -> None:
    desk = Desk()
    await desk.tell(THERE)
    loses_its_tables(desk)
    await desk.tell(CHANGED)  # by the one that dies
    desk.restart()

    await desk.tell(CHANGED, BACK)

    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Acme"


async def test_so_is_what_it_sent_of_a_row_that_waits_by_now() -> None:
    desk = await a_refused_contact()
    desk.holds_back = False
    await desk.tell(SALE)
    loses_its_tables(desk)
    await desk.tell(a_command(OPPORTUNITY, 31, version=4, says="B"))  # by the one that dies
    desk.restart()
    desk.holds_back = True

    await desk.tell(a_command(OPPORTUNITY, 31, version=4, says="B"))
    await desk.tell(a_command(OPPORTUNITY, 31, version=5))
    await desk.tell(discarded(FAILED))
    await desk.go_round()

    assert desk.org.rows[ACME, OPPORTUNITY, "p7rQW5:31"]["Name"] == "Acme"


async def test_so_is_what_it_sent_of_a_row_of_which_a_later_state_waits_by_now() -> None:
    desk = await a_refused_contact()
    loses_its_tables(desk)
    desk.holds_back = False
    await desk.tell(CHANGED)  # by the one that dies
    desk.restart()
    desk.holds_back = True

    await desk.tell(CHANGED, BACK)
    await desk.tell(discarded(FAILED))
    await desk.go_round()

    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Acme"
