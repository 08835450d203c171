"""An incident as a test: a Python file that pytest runs where Freshforce is installed, without Kafka."""

from typing import Final

import orjson

from app.replay.incident.again import troubles
from app.replay.incident.gathered import Gathered

_FILE: Final = '''"""What happened to one client. No name, text or id in here is true.

Amounts are scaled by one number, which whoever has several of them can work out. True are days and times,
currencies, quantities, tax rates, states, and numbers of fewer than seven digits in the mapping.

Written by `freshforce trace --export-test`. Run it with pytest where Freshforce is installed; it needs no
Kafka. The first test passes while the steps decide as on the day it was written. The second one says whether
every row reaches Salesforce, given Salesforce's answers of then: {fate}
{notes}"""
{imports}
from app.replay.incident.again import again, troubles
from app.replay.incident.told import Incident

INCIDENT = Incident.model_validate_json(r\'\'\'
{incident}
\'\'\')


def test_the_steps_decide_as_they_did_when_this_was_written() -> None:
    assert again(INCIDENT) == INCIDENT.decided

{mark}
def test_every_row_reaches_salesforce() -> None:
    assert troubles(again(INCIDENT)) == []
'''
_MARK: Final = '\n@pytest.mark.xfail(strict=True, reason="as it was; once it is mended, take this line out")'


def as_test(found: Gathered) -> str:
    """Return the text of the test."""
    ill = troubles(found.incident.decided)
    plain = orjson.loads(found.incident.model_dump_json())
    text = orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode().replace("'", "\\u0027")
    return _FILE.format(
        imports="\nimport pytest\n" if ill else "",
        incident=text,
        fate=f"{len(ill)} did not, as expected, until that is mended." if ill else "all did.",
        mark=_MARK if ill else "",
        notes="".join(f"\n{note}\n" for note in notes(found)),
    )


def notes(found: Gathered) -> list[str]:
    """Return in what the test is not the incident as it was."""
    said = [f"Otherwise than the log: {it}." for it in found.otherwise]
    if found.underived:
        said.append(
            f"{found.underived} commands of the log are not derived any more: code or mapping changed."
        )
    if not found.faithful:
        said.append("Masking changed what is decided: the mapping looks into a text or weighs an amount.")
    return said
