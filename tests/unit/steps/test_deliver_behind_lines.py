"""Lines that Salesforce refused hold back what follows of their client, but not their own Opportunity."""

import asyncio

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.ports import Answer
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk, slowly, under_way
from tests.builders.failed_rows import NO, OPPORTUNITY, retry


async def test_an_opportunity_does_not_wait_for_its_lines_which_may_need_what_it_says() -> None:
    desk, lines = Desk(), a_command(SObject.LINES, 31, version=2, says="euros")
    await desk.tell(a_command(), a_command(OPPORTUNITY, 31), a_command(OPPORTUNITY, 32))
    desk.org.judge = lambda it: NO if it.row == lines.row else None
    await desk.bury(lines)

    said = await desk.tell(*(a_command(OPPORTUNITY, number, version=3, says="euros") for number in (31, 32)))

    assert said == [Verdict.APPLIED, Verdict.PARKED]


async def test_nor_where_they_were_refused_while_it_stood_behind_them() -> None:
    desk, older = Desk(), a_command(SObject.LINES, 31, version=2, says="dollars")
    sale, newer = (a_command(it, 31, version=3, says="euros") for it in (OPPORTUNITY, SObject.LINES))

    await desk.tell(a_command(), a_command(OPPORTUNITY, 31))
    desk.org.judge = lambda it: NO if it.sobject is SObject.LINES else None
    asked = [
        await under_way(desk, older),
        *(asyncio.ensure_future(desk.step.ask(it)) for it in (sale, newer)),
    ]
    for command, word in zip((older, sale, newer), asked, strict=True):
        await desk.conclude(command, word)

    assert await desk.go_round() == [Verdict.APPLIED]


def until_it_is_in_euros(desk: Desk, command: Command) -> Answer | None:
    sale = desk.org.rows[ACME, OPPORTUNITY, "p7rQW5:31"]
    return NO if command.sobject is SObject.LINES and sale["Name"] != "euros" else None


async def an_account_merged_away(desk: Desk) -> None:
    """Let the Account be gone, and its Opportunity, whose lines need another currency, be there."""
    await desk.tell(a_command(), a_command(OPPORTUNITY, 31))
    desk.org.judge = lambda it: until_it_is_in_euros(desk, it)
    desk.org.forget(ACME, SObject.ACCOUNT, "p7rQW5:7")


def last_two(desk: Desk) -> list[SObject]:
    return [it.sobject for it in desk.org.written[-2:]]


async def test_lines_that_are_refused_while_their_opportunity_waits_wait_with_it() -> None:
    desk = Desk()
    await an_account_merged_away(desk)

    said = await desk.bury(
        *(a_command(it, 31, version=3, says="euros") for it in (OPPORTUNITY, SObject.LINES))
    )
    await desk.tell(a_command(version=4))
    await desk.go_round()

    assert said == [Verdict.PARKED, Verdict.PARKED]
    assert last_two(desk) == [OPPORTUNITY, SObject.LINES]
    assert desk.parked == {}


async def test_a_retry_of_refused_lines_lets_their_opportunity_and_its_lost_account_go_before_them() -> None:
    desk, lines = Desk(), a_command(SObject.LINES, 31, version=2, says="euros")
    await an_account_merged_away(desk)
    assert await desk.bury(lines) == [NO.code]
    waiting = await desk.tell(a_command(OPPORTUNITY, 31, version=3, says="euros"))
    waiting += await desk.tell(a_command(version=4))

    retried = await desk.bury(retry(lines))
    while desk.back:
        await desk.go_round()

    assert waiting == [Verdict.PARKED, Verdict.PARKED]
    assert retried == [Verdict.PARKED, Verdict.RELEASED, Verdict.RELEASED]
    assert last_two(desk) == [OPPORTUNITY, SObject.LINES]
    assert desk.parked == {}


async def test_lines_that_failed_before_and_fail_again_do_not_go_round_while_the_account_is_lost() -> None:
    desk = Desk()
    await an_account_merged_away(desk)
    await desk.bury(a_command(SObject.LINES, 31, version=2, says="euros"))
    await desk.bury(*(a_command(it, 31, version=3, says="euros") for it in (OPPORTUNITY, SObject.LINES)))

    await desk.go_round()
    waiting = [*desk.back]
    await desk.tell(a_command(version=4))
    await desk.go_round()

    assert waiting == []
    assert last_two(desk) == [OPPORTUNITY, SObject.LINES]
    assert desk.parked == {}


async def test_an_opportunity_that_waits_behind_another_ones_lines_does_not_wait_for_its_own_then() -> None:
    desk, lines = Desk(), [a_command(SObject.LINES, number, version=2) for number in (31, 32)]
    desk.org.before, desk.org.holds_back = slowly, False  # both are in one batch
    await desk.tell(a_command(), a_command(OPPORTUNITY, 31), a_command(OPPORTUNITY, 32))
    desk.org.judge = lambda it: NO if it.sobject is SObject.LINES else None
    asked = [asyncio.ensure_future(desk.step.ask(it)) for it in lines]
    for command, word in zip(lines, asked, strict=True):
        await desk.conclude(command, word)
    desk.org.judge = lambda it: until_it_is_in_euros(desk, it) if it.external_id == "p7rQW5:31" else None

    said = await desk.bury(
        *(a_command(it, 31, version=3, says="euros") for it in (OPPORTUNITY, SObject.LINES))
    )
    await desk.bury(retry(lines[1]))
    await desk.go_round()

    assert said == [Verdict.PARKED, Verdict.PARKED]
    assert last_two(desk) == [OPPORTUNITY, SObject.LINES]
    assert desk.parked == {}
