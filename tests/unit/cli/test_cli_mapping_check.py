"""`freshforce mapping check`, as a person reads it."""

import pytest

from app.cli.mapping_check import show
from app.mapping.check import Checked, Finding
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


def test_a_mend_names_the_connection_that_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = Finding("account", "external id is absent", "freshforce setup salesforce NAME")

    show(Checked(SObject.ACCOUNT, (lacking,), NONE).at("acme"))

    assert "    mend: freshforce setup salesforce acme\n" in capsys.readouterr().out
