"""A person's override of a row that Salesforce refused."""

from decimal import Decimal

import pytest

from app.deadletters.edit import BY_HAND, CannotEdit, edited
from app.deadletters.retry import told_of
from app.deadletters.said import By
from streams.codec import encode
from streams.domain.audit import Verdict
from streams.domain.command import Command, Field, Figure, SObject, Stage
from streams.domain.identity import ObjectKind
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.letters import NOON, again, buried, buried_row

LONG = a_command(SObject.OPPORTUNITY, 123, version=4, says="A name that is too long")


def sent(changes: dict[str, str], command: Command = LONG) -> Command:
    """The command that an edit of `command` puts in its place."""
    instead = edited(again(*buried_row(command)), changes, NOON).instead
    assert instead is not None
    return instead


def with_field(value: Field) -> Command:
    return LONG.model_copy(update={"fields": {"Given": value}})


def test_an_edit_is_a_command_of_its_own_that_differs_in_the_field_alone() -> None:
    now = sent({"Name": "Short"})

    assert now.fields == LONG.fields | {"Name": "Short"}
    assert (now.row, now.version, now.cause) == (LONG.row, LONG.version, LONG.cause)
    assert now.id != LONG.id
    assert now.content != LONG.content


def test_an_edited_command_is_of_no_mapping_so_that_the_proof_holds_none_against_it() -> None:
    assert sent({"Name": "Short"}).mapping == BY_HAND


def test_the_same_edit_twice_is_two_commands_of_one_content() -> None:
    one, other = sent({"Name": "Short"}), sent({"Name": "Short"})

    assert one.content == other.content
    assert sent({"Name": "Other"}).content != one.content


def test_an_empty_value_clears_the_field() -> None:
    assert sent({"Name": ""}).fields["Name"] is None


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (Figure(figure=Decimal(1), currency="CAD"), "12.50", Figure(figure=Decimal("12.50"), currency="CAD")),
        (True, "false", False),
        (Stage(phase="won", name="Closed Won"), "Won", Stage(phase="won", name="Won")),
        (None, "words", "words"),
    ],
)
def test_a_value_is_read_as_the_kind_that_the_field_has(before: Field, text: str, after: Field) -> None:
    assert sent({"Given": text}, with_field(before)).fields["Given"] == after


@pytest.mark.parametrize(
    ("before", "text", "why"),
    [
        (Figure(figure=Decimal(1)), "NaN", "Given is a number"),
        (Figure(figure=Decimal(1)), "1e9", "Given is a number"),
        (True, "perhaps", "Given is yes or no"),
    ],
)
def test_a_value_of_another_kind_is_refused(before: Field, text: str, why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        sent({"Given": text}, with_field(before))


def test_a_field_that_the_row_does_not_set_is_refused_with_those_it_sets() -> None:
    with pytest.raises(CannotEdit, match="does not set Nmae") as refused:
        sent({"Nmae": "Short"})

    assert refused.value.mend == "it sets Account, CloseDate, Name, StageName"


def test_whose_row_it_is_cannot_be_edited() -> None:
    with pytest.raises(CannotEdit, match="Account refers to a row of this client"):
        sent({"Account": "p7rQW5:8"})


def test_what_is_no_row_yet_cannot_be_edited() -> None:
    with pytest.raises(CannotEdit, match="holds no row for Salesforce"):
        edited(again(*buried(an_event(ObjectKind.INVOICE, 123))), {"Name": "Short"}, NOON)


def test_the_audit_keeps_who_why_and_which_fields_but_no_values() -> None:
    anew = edited(again(*buried_row(LONG)), {"Name": "Ferry Ltd"}, NOON)

    told = told_of(anew, By(NOON, "jane", "the name is too long"))

    assert anew.instead is not None
    assert (told.verdict, told.cause, told.caused) == (Verdict.EDITED, anew.letter.id, (anew.instead.id,))
    assert (told.rule, told.details["actor"]) == ("the name is too long", "jane")
    assert told.details["fields"] == ["Name"]
    assert b"Ferry" not in encode(told)
