"""Lines that Salesforce refused hold back what follows of their client, but not their own Opportunity."""

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import NO, OPPORTUNITY


async def test_an_opportunity_does_not_wait_for_its_lines_which_may_need_what_it_says() -> None:
    desk, lines = Desk(), a_command(SObject.LINES, 31, version=2, says="euros")
    await desk.tell(a_command(), a_command(OPPORTUNITY, 31), a_command(OPPORTUNITY, 32))
    desk.org.judge = lambda it: NO if it.row == lines.row else None
    await desk.bury(lines)

    said = await desk.tell(*(a_command(OPPORTUNITY, number, version=3, says="euros") for number in (31, 32)))

    assert said == [Verdict.APPLIED, Verdict.PARKED]
