"""What a newer state sends along of an older one whose place it took is lost with neither of them."""

import asyncio

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.domain.errors import Refused
from streams.ports import Applied, HeldBack, ParentMissing, Rejected, Replaced
from streams.steps.flights import Yielded
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import ITS_PARENT, NO, OPPORTUNITY, SALE, retry
from tests.fakes.org import Judge

PAID = SALE.model_copy(update={"fields": {**SALE.fields, "Closed__c": "2026-11-02"}})
LATER = a_command(OPPORTUNITY, 31, version=7, says="later")
NEWEST = a_command(OPPORTUNITY, 31, version=8, says="newest")
GONE = a_command(OPPORTUNITY, 31, version=9).model_copy(update={"fields": {}})


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.tell(a_command())
    return desk


@pytest.fixture
def gate(desk: Desk) -> asyncio.Event:
    """Return what lets rows into the org."""
    gate = asyncio.Event()

    async def once_open(_: Command) -> None:
        await gate.wait()

    desk.org.before = once_open
    return gate


def held(desk: Desk) -> tuple[object, object]:
    row = desk.org.rows[ACME, OPPORTUNITY, "p7rQW5:31"]
    return row["Name"], row.get("Closed__c")


def once(answer: HeldBack | ParentMissing) -> Judge:
    """Answer so the first time that the newest state is sent with what only the oldest knows."""
    answers = [answer]

    def judge(command: Command) -> HeldBack | ParentMissing | None:
        both = command.version == NEWEST.version and "Closed__c" in command.fields
        return answers.pop() if both and answers else None

    return judge


async def a_moment() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_older_one_ends_only_once_the_newer_one_landed(desk: Desk, gate: asyncio.Event) -> None:
    paid, later = desk.step.ask(PAID), desk.step.ask(LATER)
    await a_moment()

    early = asyncio.ensure_future(paid).done()
    gate.set()
    word = await paid
    await later

    assert not early
    assert word.said == Replaced(LATER.id)


async def test_one_that_leaves_nothing_behind_ends_at_once(desk: Desk, gate: asyncio.Event) -> None:
    sale, later = desk.step.ask(SALE), desk.step.ask(LATER)

    word = await sale

    gate.set()
    await later
    assert word.said == Replaced(LATER.id)


async def test_the_newer_one_is_refused_and_retried_as_the_log_has_it(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:31", NO)
    paid, later = desk.step.ask(PAID), desk.step.ask(LATER)

    said = [getattr(it, "verdict", None) for it in desk.step(PAID, await paid)]
    with pytest.raises(Refused):
        [*desk.step(LATER, await later)]
    desk.step.buried(LATER)
    await desk.tell(retry(LATER))

    assert said == [Verdict.APPLIED]
    assert held(desk) == ("later", "2026-11-02")


async def test_the_one_that_took_it_along_is_refused_and_one_that_knows_nothing_of_it_is_taken(
    desk: Desk, gate: asyncio.Event
) -> None:
    desk.org.refuse("p7rQW5:31", NO)
    paid, later = desk.step.ask(PAID), desk.step.ask(LATER)
    await a_moment()
    newest = desk.step.ask(NEWEST)
    gate.set()

    said = [getattr(it, "verdict", None) for it in desk.step(PAID, await paid)]
    with pytest.raises(Refused):
        [*desk.step(LATER, await later)]
    desk.step.buried(LATER)
    [*desk.step(NEWEST, await newest)]
    again = await desk.tell(NEWEST)

    assert said == [Verdict.APPLIED]
    assert held(desk) == ("newest", "2026-11-02")
    assert again == [Verdict.UNCHANGED]


@pytest.mark.parametrize("answer", [HeldBack(), ITS_PARENT])
async def test_what_only_the_oldest_knows_is_not_lost_with_the_write_that_was_to_save_it(
    desk: Desk, gate: asyncio.Event, answer: HeldBack | ParentMissing
) -> None:
    desk.org.refuse("p7rQW5:31", NO)
    desk.org.judge = once(answer)
    paid, later = desk.step.ask(PAID), desk.step.ask(LATER)
    await a_moment()
    newest = desk.step.ask(NEWEST)
    gate.set()

    for command, asked in ((PAID, paid), (LATER, later), (NEWEST, newest)):
        await desk.conclude(command, asked)
    await desk.tell(a_command(version=9))
    await desk.go_round()

    assert held(desk) == ("newest", "2026-11-02")
    assert desk.parked == {}


async def test_the_org_held_it_back_with_the_one_that_it_refused(desk: Desk, gate: asyncio.Event) -> None:
    desk.org.refuse("p7rQW5:31", HeldBack(PAID.fields), NO)
    asked = [desk.step.ask(PAID)]
    await a_moment()
    for each in (LATER, NEWEST):
        asked.append(desk.step.ask(each))
        await a_moment()
    gate.set()

    words = [(await it).said for it in asked]

    assert [type(it) for it in words] == [Applied, Rejected, Applied]
    assert held(desk) == ("newest", "2026-11-02")


async def test_nothing_is_written_beside_what_landed_whole(desk: Desk, gate: asyncio.Event) -> None:
    asked = [desk.step.ask(it) for it in (PAID, LATER)]
    await a_moment()
    asked.append(desk.step.ask(NEWEST))
    gate.set()

    words = [(await it).said for it in asked]

    assert [type(it) for it in words] == [Replaced, Applied, Applied]
    assert [it.version for it in desk.org.written[1:]] == [7, 8]


async def test_an_order_that_nobody_made_is_looked_for_once(desk: Desk, gate: asyncio.Event) -> None:
    older, newer = (a_command(SObject.ORDER, 31, version=nth, says=str(nth)) for nth in (5, 6))
    older = older.model_copy(update={"fields": {**older.fields, "Closed__c": "2026-11-02"}})
    await_sale = desk.step.ask(SALE)
    asked = [desk.step.ask(it) for it in (older, newer)]
    gate.set()
    await await_sale

    words = [(await it).said for it in asked]

    assert words[0] == Replaced(newer.id)
    assert [it.version for it in desk.org.written[2:]] == [6]


async def test_the_newer_one_misses_its_account(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:31", ITS_PARENT, ITS_PARENT)

    said = await desk.tell(PAID, LATER)
    desk.restart()
    await desk.tell(LATER)
    await desk.tell(a_command(version=8))
    await desk.go_round()

    assert said == [Verdict.PARKED, Verdict.SUPERSEDED, Verdict.PARKED]
    assert held(desk) == ("later", "2026-11-02")


async def test_however_many_take_its_place_it_ends_with_the_one_that_lands(
    desk: Desk, gate: asyncio.Event
) -> None:
    asked = [desk.step.ask(it) for it in (PAID, LATER, LATER, NEWEST)]
    await a_moment()

    early = asyncio.ensure_future(asked[0]).done()
    gate.set()
    words = await asyncio.gather(*asked)

    assert not early
    assert words[0].said == Replaced(NEWEST.id)
    assert desk.org.rows[ACME, OPPORTUNITY, "p7rQW5:31"]["Closed__c"] == "2026-11-02"


async def test_what_follows_an_account_that_is_still_looked_for_ends_with_the_one_that_lands() -> None:
    desk, gate = Desk(), asyncio.Event()

    async def once_open(_: Command) -> None:
        await gate.wait()

    desk.org.meeting = once_open
    first, last = a_command(), a_command(version=3, says="Apex")
    phoned = a_command(version=2, says="Acme Inc")
    phoned = phoned.model_copy(update={"fields": {**phoned.fields, "Phone": "555"}})
    asked = [desk.step.ask(first)]
    await a_moment()

    asked += [desk.step.ask(it) for it in (phoned, last)]
    await a_moment()
    gate.set()
    await asyncio.wait_for(asyncio.gather(*asked), 1)

    assert desk.org.rows[ACME, SObject.ACCOUNT, "p7rQW5:7"] == {"Name": "Apex", "Phone": "555"}


async def test_nothing_of_an_invoice_that_went_to_another_client_goes_after_all(desk: Desk) -> None:
    paid, gone = desk.step.ask(PAID), desk.step.ask(GONE)

    words = [(await paid).said, (await gone).said]

    assert words == [Replaced(GONE.id), Yielded()]
    assert desk.org.written[1:] == []
