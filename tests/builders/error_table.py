"""The table of Salesforce's documented refusals (error_table.md), and how it is put to our lanes."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from app.salesforce.wire.wire import Reply
from streams.domain.command import Command
from streams.ports import Answer, Rejected
from tests.builders.lanes import Rows, lanes_to
from tests.builders.salesforce import a_reply, an_account, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

FILE = Path(__file__).parents[1] / "unit" / "salesforce" / "error_table.md"
HELD = "Erika Mustermann"
"""A value of the row, which no reason may repeat."""
HIT = "001000000000007AAA"

WAITS = "waits"
"""Sent again by itself, as often as it takes."""
AGAIN = "once more"
"""Sent once more; should it be refused for the same once more, a person reads about it."""
PARKS = "parks"
"""Waits for its parent."""
ENDS = "ends"
"""A dead letter."""
RESTS = "rests"
"""The whole org waits, and a person reads why."""


@dataclass(frozen=True)
class Case:
    """One refusal as documented."""

    code: str
    status: int
    message: str
    field: str
    row: str
    """What becomes of the row when its own result says so."""
    request: str
    """What becomes of a row alone when the whole request is refused so."""
    cause: str
    """Part of what the person reads as the cause."""
    mend: str
    """Part of what the person reads as the mend."""

    def __str__(self) -> str:
        return f"{self.code} {self.message[:24]}"


def read_table() -> tuple[Case, ...]:
    """Return the rows of the table."""
    text = FILE.read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    cells = ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows)
    known = {"HIT": HIT, "HELD": HELD}
    return tuple(
        Case(code, int(status), message.format(**known), field, row, request, cause.format(**known), mend)
        for code, status, message, field, row, request, cause, mend in cells
    )


TABLE = read_table()

TIMES = {WAITS: 2, RESTS: 2, AGAIN: 1, ENDS: 1, PARKS: 1}
"""How often it is said before the row is taken."""


def told(case: Case, *, code: str) -> dict[str, Any]:
    """The one error, under the name that its place gives the code."""
    fields = [case.field] if case.field else []
    return {code: case.code, "message": case.message, "fields": fields}


def as_json(case: Case) -> Reply:
    """The refusal of a whole request, in JSON."""
    return a_reply(case.status, [told(case, code="errorCode")])


def as_xml(case: Case) -> Reply:
    """The refusal of a whole request, in XML."""
    fields = f"<fields>{case.field}</fields>" if case.field else ""
    error = (
        f"<Error>{fields}<errorCode>{case.code}</errorCode><message>{escape(case.message)}</message></Error>"
    )
    return a_reply(case.status, page=f'<?xml version="1.0" encoding="UTF-8"?><Errors>{error}</Errors>')


def as_row(case: Case) -> Reply:
    """The result of one row."""
    return a_reply(200, [{"success": False, "errors": [told(case, code="statusCode")]}])


@dataclass(frozen=True)
class Heard:
    """What came of it."""

    answer: Answer
    calls: int
    events: tuple[Any, ...]

    def person_reads(self) -> tuple[str, str]:
        """Return cause and mend, from the dead letter or from the log."""
        if isinstance(self.answer, Rejected):
            return self.answer.reason, self.answer.mend
        entry = next(it for it in self.events if it["event"] == "salesforce-rests")
        return entry["reason"], entry["mend"]


def put(reply: Reply, times: int | None, command: Command | None = None) -> Heard:
    """Let Salesforce say so, so many times or always, of an Opportunity whose Account is there."""
    wire, said = FakeWire(), 0

    def judge(sobject: str, _: Rows) -> Reply | None:
        nonlocal said
        said += sobject == "Opportunity"
        return reply if sobject == "Opportunity" and (times is None or said <= times) else None

    wire.judge = judge

    async def story() -> Answer:
        lanes = lanes_to(wire)
        await lanes.write(an_account(1))
        return await lanes.write(command or an_opportunity(10, 1))

    with capture_logs() as logs:
        answer = simulate(story())
    return Heard(answer, said, tuple(logs))
