"""What `freshforce replay` refuses before it asks Kafka."""

import pytest
from click.testing import CliRunner

from app.cli import freshforce
from app.cli.replay_preview import text_of
from app.replay.positions import BadPosition


@pytest.mark.parametrize("typed", ["abc", "tests"])  # nothing there, and a folder
def test_offsets_that_are_neither_pairs_nor_a_file_are_refused_as_such(typed: str) -> None:
    with pytest.raises(BadPosition, match=f"'{typed}' is neither PARTITION:OFFSET,… nor a file"):
        text_of(typed)


@pytest.mark.parametrize("words", [["--to", "acme-dev"], ["--to=acme-dev"], ["acme", "--to", "acme-dev"]])
def test_who_replays_to_another_org_is_led_to_the_command_that_does_it(words: list[str]) -> None:
    told = CliRunner().invoke(freshforce, ["replay", *words])

    assert told.exit_code == 2
    assert "freshforce replay copy NAME --to NAME2" in told.output


def test_the_help_leads_there_as_well() -> None:
    told = CliRunner().invoke(freshforce, ["replay", "--help"])

    assert "freshforce replay copy NAME --to NAME2" in " ".join(told.output.split())
