"""What an older state wrote and a newer one leaves alone is written, though the newer one took its place."""

import pytest

from streams.domain.command import Command
from streams.ports import HeldBack
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import (
    ACCOUNT,
    FAILED,
    OPPORTUNITY,
    SALE,
    a_refused_contact,
    discarded,
)

PAID = SALE.model_copy(update={"fields": {**SALE.fields, "Closed__c": "2026-11-02"}})
LATER = a_command(OPPORTUNITY, 31, version=7, says="later")


@pytest.fixture
async def desk() -> Desk:
    return await a_refused_contact()


def held(desk: Desk) -> tuple[object, object]:
    row = desk.org.rows[ACME, OPPORTUNITY, "p7rQW5:31"]
    return row["Name"], row.get("Closed__c")


async def go_all_rounds(desk: Desk) -> None:
    while desk.back:
        await desk.go_round()


async def test_both_wait(desk: Desk) -> None:
    await desk.tell(PAID)
    await desk.tell(LATER)

    await desk.tell(discarded(FAILED))
    await go_all_rounds(desk)

    assert held(desk) == ("later", "2026-11-02")


async def test_the_newer_one_comes_before_the_older_one_is_let_go_of(desk: Desk) -> None:
    await desk.tell(PAID)
    await desk.tell(discarded(FAILED))

    await desk.tell(LATER)
    await go_all_rounds(desk)

    assert held(desk) == ("later", "2026-11-02")


async def test_the_older_one_is_not_sent_yet_when_the_newer_one_comes() -> None:
    desk = Desk()
    account = a_command(ACCOUNT)

    await desk.tell(account, PAID, LATER)

    assert held(desk) == ("later", "2026-11-02")


async def test_the_org_held_both_back(desk: Desk) -> None:
    await desk.tell(discarded(FAILED))
    desk.org.refuse("p7rQW5:31", HeldBack(PAID.fields | LATER.fields))
    desk.step.buried(FAILED)
    asked = await desk.step.ask(LATER)
    [*desk.step(LATER, asked)]

    await desk.tell(discarded(FAILED))
    await go_all_rounds(desk)

    assert held(desk) == ("later", "2026-11-02")


async def test_the_newer_one_is_read_again_after_a_crash_with_the_table_ahead(desk: Desk) -> None:
    await desk.tell(PAID)
    await desk.tell(LATER)
    desk.restart()

    await desk.tell(PAID)
    await desk.tell(LATER)
    await desk.tell(discarded(FAILED))
    await go_all_rounds(desk)

    assert held(desk) == ("later", "2026-11-02")


async def test_the_newer_one_is_read_again_after_a_crash_and_goes_at_once(desk: Desk) -> None:
    await desk.tell(PAID)
    await desk.tell(LATER)
    desk.restart()
    await desk.tell(discarded(FAILED))

    await desk.tell(LATER)

    assert held(desk) == ("later", "2026-11-02")


def test_a_state_that_leaves_nothing_alone_stays_as_it_is() -> None:
    assert LATER.after(SALE.fields) is LATER
    assert isinstance(LATER.after(PAID.fields), Command)
