"""Dead letters as a person reads them."""

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from app.deadletters.shown import table
from app.view.letters import Group, Letter
from streams.domain.place import Place

REFUSED = Letter(
    id="88ced7324aae8517ec446c8b59056699",
    at=datetime(2026, 11, 29, 15, 24, tzinfo=UTC),
    connection="acme",
    step="deliver",
    code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
    reason="a validation rule of the org stopped it",
    mend="satisfy the rule or exempt the run-as user from it",
    place=Place(topic="freshforce.commands", partition=0, offset=7),
    entry={},
    behind=5,
)


def test_a_cause_can_be_copied_from_a_terminal_of_80_columns() -> None:
    told = StringIO()
    group = Group(REFUSED.code, REFUSED.step, REFUSED.mend, (REFUSED,))

    Console(file=told, width=80).print(table([group]))

    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION " in told.getvalue()
    assert "88ced7324aae" in told.getvalue()
    assert "satisfy the rule" in told.getvalue()
