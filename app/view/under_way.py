"""The end of a trace whose rows wait to be sent: deliver says nothing of them until Salesforce answers."""

from collections.abc import Iterator, Sequence
from typing import Final

from app.view.happening import Happening
from app.view.story import Line
from streams.domain.audit import Step, Verdict

_WAITS: Final = (
    "{} without Salesforce's answer yet, sent by itself as soon as nothing hinders. If that takes more than"
    " some seconds, `freshforce ping {}` says what hinders (fields or permissions that the org lacks, used-up"
    " API calls, an org that does not answer) and what mends it; `freshforce health`, whether a worker runs"
)


def under_way(happenings: Sequence[Happening]) -> Iterator[Line]:
    """Yield one line where rows have no word of deliver yet, or were released since they had."""
    entries = [it.entry for it in happenings if not it.partly]
    said = {it["cause"]: it["verdict"] for it in entries if it["step"] == Step.DELIVER}
    booked = [it for it in entries if it["step"] == Step.TRANSLATE]
    rows = {row for it in booked for row in it["caused"]} - {it["cause"] for it in booked}
    waiting = sum(said.get(row, Verdict.RELEASED) == Verdict.RELEASED for row in rows)
    if waiting:
        count = f"{waiting} row{'' if waiting == 1 else 's'}"
        yield Line("", "", "deliver: waits", _WAITS.format(count, booked[0]["connection"]))
