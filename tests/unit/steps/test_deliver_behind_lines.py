"""Lines that Salesforce refused hold back what follows of their client, but not their own Opportunity."""

import asyncio

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk, under_way
from tests.builders.failed_rows import NO, OPPORTUNITY


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
