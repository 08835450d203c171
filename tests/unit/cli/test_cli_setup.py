"""`freshforce setup salesforce` where it needs no org."""

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from app.cli import freshforce
from app.cli.setup_salesforce import table
from app.salesforce.setup.export import NOT_EXPORTED, exported
from app.salesforce.setup.item import Item, State


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(freshforce, ["setup", "salesforce", "acme", *words])


def test_the_export_needs_neither_org_nor_kafka_nor_keys() -> None:
    ended = run("--export", "out")

    assert ended.exit_code == 0, ended.output
    written = sorted(Path("out").rglob("*.xml"))
    assert len(written) == len(exported()) + 1
    assert all(ET.parse(file).getroot() is not None for file in written)
    assert "sf project deploy start" in ended.output
    assert not Path(".freshforce").exists()


def test_the_export_has_the_fields_of_line_items_where_they_are_asked_for() -> None:
    ended = run("--export", "out", "--lines")

    assert ended.exit_code == 0, ended.output
    assert len([*Path("out").rglob("*.xml")]) == len(exported(NOT_EXPORTED)) + 1
    assert [*Path("out").rglob("FreshBooks_Line_Id__c.field-meta.xml")]


def test_the_export_again_changes_nothing_and_says_so_in_json() -> None:
    run("--export", "out")
    before = {file: file.read_bytes() for file in Path("out").rglob("*") if file.is_file()}

    told = orjson.loads(run("--export", "out", "--json").output)

    assert {file: file.read_bytes() for file in Path("out").rglob("*") if file.is_file()} == before
    assert len(told["files"]) == len(before)
    assert told["kept"] == []


def test_a_project_file_of_somebody_else_stays() -> None:
    Path("out").mkdir()
    Path("out/sfdx-project.json").write_text('{"name": "theirs"}')

    ended = run("--export", "out")

    assert Path("out/sfdx-project.json").read_text() == '{"name": "theirs"}'
    assert "sfdx-project.json was there and stays" in ended.output


@pytest.mark.parametrize("words", [("--apply", "--export", "out"), ("--export", "taken")])
def test_misuse_writes_nothing(words: tuple[str, ...]) -> None:
    Path("taken").write_text("a file")

    ended = run(*words)

    assert ended.exit_code == 2
    assert not Path("out").exists()


def test_what_is_there_and_what_is_left_to_do_are_told_apart_where_there_are_no_colours() -> None:
    screen = StringIO()

    Console(file=screen, width=120, no_color=True).print(table([Item("a", state) for state in State]))

    well = {line.split("│")[3].strip() for line in screen.getvalue().splitlines() if "✓" in line}
    left = {line.split("│")[3].strip() for line in screen.getvalue().splitlines() if "✗" in line}
    assert well == {"there", "added"}
    assert left == {"missing", "differs", "not allowed", "refused", "unknown"}
