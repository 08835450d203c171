"""What a person reads of each documented refusal that ends a row (error_table.md): letter and trace."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.deadletters.shown import spelled
from app.salesforce.wire.wire import Reply
from app.view.happening import Happening
from app.view.story import story
from streams.ports import Rejected
from tests.builders.error_table import AGAIN, ENDS, TABLE, Case, as_json, as_row, as_xml, put
from tests.builders.letters import buried_row, told
from tests.builders.salesforce import an_opportunity

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROW = "Opportunity ACC1:10"
COMMAND = r"`freshforce (deadletters retry --cause {} --apply|replay preview NAME --only KIND:ID)`"
"""A mend that a retry carries, or a mapping whose rows are to be made anew."""

ENDED = [
    *((case, as_row) for case in TABLE if case.row in {ENDS, AGAIN}),
    *((case, said) for case in TABLE if case.request in {ENDS, AGAIN} for said in (as_json, as_xml)),
]


@pytest.mark.parametrize(("case", "said"), ENDED, ids=lambda it: getattr(it, "__name__", str(it)))
def test_letter_and_trace_name_record_field_cause_and_the_command_and_nothing_twice(
    case: Case, said: Callable[[Case], Reply]
) -> None:
    answer = put(said(case), None).answer
    assert isinstance(answer, Rejected)

    letter, entry = buried_row(an_opportunity(10, 1), answer=answer)

    shown = dict(spelled(told(letter, entry.model_dump(mode="json"))))
    assert (shown["row"], shown["code"]) == (ROW, case.code)
    assert shown["reason"].startswith(f"{ROW}: ")
    assert case.cause in shown["reason"]
    assert re.findall(r"\(([\w, .]+)\)", shown["reason"]) == ([case.field] if case.field else [])
    assert re.search(COMMAND.format(case.code), shown["mend"])
    (line,) = story([Happening(NOON, 0, 0, entry.model_dump(mode="json"))])
    assert f"; {case.code}; reason {shown['reason']}; mend {shown['mend']}; " in line.what
    assert line.what.replace(shown["mend"], "").count(case.code) == 1
