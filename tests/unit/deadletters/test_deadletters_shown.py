"""Dead letters as a person reads them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from app.deadletters.shown import plain, spelled, table
from app.view.letters import Group, Letter
from streams.domain.command import Command, SObject
from streams.domain.identity import ObjectKind
from streams.domain.place import Place
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.letters import buried, buried_row, buried_unread, told
from tests.builders.salesforce import an_opportunity

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


def of_row(command: Command) -> Letter:
    letter, entry = buried_row(command)
    return told(letter, entry.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("command", "about"),
    [
        (an_opportunity(31, 7), ("invoice", 31)),
        (a_command(SObject.LINES, 31), ("invoice", 31)),
        (a_command(SObject.CONTACT, 8, client=7), ("client", 7)),
    ],
)
def test_a_row_s_letter_tells_which_object_at_freshbooks_it_is_about(
    command: Command, about: tuple[str, int]
) -> None:
    letter = of_row(command)

    assert letter.about == about
    assert (plain(letter)["object"], plain(letter)["object_id"]) == about
    assert dict(spelled(letter))["object"] == f"{about[0]} {about[1]}"


def test_an_event_s_letter_tells_its_object_and_what_nobody_can_read_none() -> None:
    event, entry = buried(an_event(ObjectKind.INVOICE, 123))
    unread, its = buried_unread(b"x")

    assert told(event, entry.model_dump(mode="json")).about == ("invoice", 123)
    assert told(unread, its.model_dump(mode="json")).about is None


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("CODE (Name): it does not fit (Name): at most 255", "it does not fit (Name): at most 255"),
        ("CODE (Name): it does not fit", "it does not fit (Name)"),
        ("CODE: it does not fit", "it does not fit"),
        ("CODES: it does not fit", "CODES: it does not fit"),
        ("no such field", "no such field"),
    ],
)
def test_beside_its_code_a_reason_names_neither_that_nor_a_field_twice(reason: str, why: str) -> None:
    assert replace(REFUSED, code="CODE", reason=reason).why == why


def test_a_person_reads_what_applies_and_no_empty_lines() -> None:
    alone, held = (
        dict(spelled(of_row(an_opportunity(31, 7)))),
        dict(spelled(replace(REFUSED, newer="3f" * 16))),
    )

    assert " ".join(alone) == "id at connection object row step place code reason mend"
    assert held["behind"] == "5 rows wait for what is done about it"
    assert held["newer"].startswith("3f3f3f3f3f3f: its row failed again")
