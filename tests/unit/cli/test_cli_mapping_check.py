"""`freshforce mapping check`, as a person reads it."""

import pytest

from app.cli.mapping_check import show
from app.mapping.check import Checked
from app.mapping.example import NONE, Example
from streams.domain.command import SObject


def test_an_object_that_gets_no_row_of_its_own_has_no_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    show(Checked(SObject.LINES, (), NONE))

    assert capsys.readouterr().out == "✓ OpportunityLineItem: the org takes it\n"


def test_an_object_that_gets_a_row_shows_an_example_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    show(Checked(SObject.CONTACT, (), Example({"LastName": "Lee"}, {})))

    out = capsys.readouterr().out
    assert "Contact: an example row" in out
    assert "'Lee'" in out
