"""`freshforce deadletters` where there is none."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import freshforce


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".freshforce").mkdir()
    return tmp_path


def test_no_dead_letters_is_fine() -> None:
    told = CliRunner().invoke(freshforce, ["deadletters", "list"])
    plain = CliRunner().invoke(freshforce, ["deadletters", "list", "--json"])

    assert (told.exit_code, told.stdout) == (0, "no dead letters\n")
    assert (plain.exit_code, plain.stdout) == (0, "[]\n")


def test_a_view_that_knows_nothing_yet_is_said_so() -> None:
    assert "Is the view role running?" in CliRunner().invoke(freshforce, ["deadletters", "list"]).stderr


def test_an_unknown_id_is_said_with_where_to_look() -> None:
    told = CliRunner().invoke(freshforce, ["deadletters", "show", "0123456789ab"])

    assert told.exit_code == 1
    assert "no-dead-letter: no dead letter 0123456789ab is known" in told.output
    assert "mend: see `freshforce deadletters list" in told.output


def test_nothing_to_retry_is_misuse() -> None:
    assert CliRunner().invoke(freshforce, ["deadletters", "retry"]).exit_code == 2


def test_a_database_that_is_not_there_is_said_without_a_traceback(home: Path) -> None:
    (home / ".freshforce").rmdir()

    told = CliRunner().invoke(freshforce, ["deadletters", "list"])

    assert told.exit_code == 1
    assert told.output.startswith("Error: unreachable: the view's database")


def test_nothing_to_discard_is_misuse() -> None:
    told = CliRunner().invoke(freshforce, ["deadletters", "discard", "--reason", "a test"])

    assert told.exit_code == 2
    assert "a cause with --cause" in told.output


def test_a_discard_without_a_reason_is_misuse() -> None:
    assert CliRunner().invoke(freshforce, ["deadletters", "discard", "0123456789ab"]).exit_code == 2


def test_a_cause_that_nothing_failed_of_is_said() -> None:
    told = CliRunner().invoke(freshforce, ["deadletters", "retry", "--cause", "STRING_TOO_LONG"])

    assert told.exit_code == 1
    assert "no dead letter of the cause STRING_TOO_LONG is open" in told.output


def test_an_edit_without_a_value_is_misuse() -> None:
    asked = ["deadletters", "edit", "0123456789ab", "--set", "Name", "--reason", "a test"]

    told = CliRunner().invoke(freshforce, asked)

    assert told.exit_code == 2
    assert "'Name' is not FIELD=VALUE" in told.output
