"""What `freshforce mapping` does without a Kafka, and how it takes misuse."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from app.cli import freshforce
from streams.mapping.reading import default_text


def run(*words: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(freshforce, ["mapping", *words], input=typed)


def test_the_shipped_mapping_can_be_seen_before_there_is_a_connection() -> None:
    shown, told = run("show"), run("show", "--json")

    assert (shown.exit_code, shown.output) == (0, default_text())
    assert orjson.loads(told.output) == {"connection": None, "own": False, "mapping": default_text()}


def test_the_names_are_listed_for_people_and_for_programs() -> None:
    listed, told = run("names"), orjson.loads(run("names", "--json").output)

    assert all(each["name"] in listed.output for each in told["names"])
    assert all(name in listed.output for name in told["filters"])


@pytest.mark.parametrize(
    "words", [("set", "acme"), ("set", "acme", "x.toml"), ("check",), ("rehearse", "acme")]
)
def test_misuse_ends_with_two(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_file_and_the_shipped_one_cannot_both_be_meant(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(default_text(), "utf-8")

    refused = run("set", "acme", str(file), "--default")

    assert (refused.exit_code, "either FILE or --default" in refused.output) == (2, True)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "the file is no UTF-8 text"),
        (b"edition = ", "line 1: no TOML"),
        (b"edition = 1\r\n[account.fields]\r\nName = 'client.nmae'\r\n", "line 3 account.fields.Name"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_before_anything_else(typed: bytes, says: str) -> None:
    refused = run("set", "acme", "-", typed=typed)
    told = run("rehearse", "acme", "-", "--json", typed=typed)

    assert refused.exit_code == told.exit_code == 1
    assert f"bad-mapping: the mapping cannot be used:\n  {says}" in refused.output
    assert orjson.loads(told.output)["flaws"][0]["mend"]


def test_a_byte_order_mark_is_no_flaw(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    marked = b"\xef\xbb\xbf" + default_text().encode()

    assert "bad-mapping" not in run("set", "acme", "-", typed=marked).output
    assert "bad-keys" in run("set", "acme", "-", typed=marked).output, "what comes next is missing here"
