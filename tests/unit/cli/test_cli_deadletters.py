"""`freshforce deadletters` where there is none."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import freshforce
from app.deadletters.said import By, said
from app.view.letters import letters
from app.view.store import Store
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import SObject
from tests.builders.commands import a_command
from tests.builders.letters import NOON, buried_row
from tests.builders.told import stored


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".freshforce").mkdir()
    return tmp_path


async def heard(home: Path, *entries: AuditEntry, closed: Verdict | None = None) -> list[str]:
    """Have the view know of burials, and that Bob closed the first; return the ids of the letters."""
    store = await Store.open(f"sqlite+aiosqlite:///{home / '.freshforce' / 'view.sqlite'}")
    await store.add(stored([*entries], NOON), {0: len(entries)})
    if closed is not None:
        told = next(it for it in await letters(store) if it.id == entries[0].caused[0])
        await store.add(stored([said(told, closed, By(NOON, "Bob", "as agreed"))], NOON, 100), {0: 101})
    await store.close()
    return [entry.caused[0] for entry in entries]


def rows(*numbers: int) -> list[AuditEntry]:
    """What the audit says of Contacts that were refused."""
    return [buried_row(a_command(SObject.CONTACT, it), offset=it)[1] for it in numbers]


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


@pytest.mark.parametrize("how", [Verdict.RELEASED, Verdict.EDITED, Verdict.DISCARDED])
def test_a_discard_leaves_what_somebody_else_has_seen_to_as_it_is(home: Path, how: Verdict) -> None:
    ids = asyncio.run(heard(home, *rows(1, 2), closed=how))

    told = CliRunner().invoke(freshforce, ["deadletters", "discard", *ids, "--reason", "a test", "--apply"])

    assert told.exit_code == 1
    assert f"letter-closed: {ids[0][:12]} is closed: " in told.output
    assert "by Bob" in told.output
    assert "nothing was done" in told.output


def test_a_discard_says_what_it_would_close(home: Path) -> None:
    ids = asyncio.run(heard(home, *rows(1, 2)))

    told = CliRunner().invoke(freshforce, ["deadletters", "discard", *ids, "--reason", "a test"])

    assert (told.exit_code, told.output.splitlines()[-1]) == (0, "2 would be discarded; add --apply")


def test_an_edit_of_what_somebody_else_has_seen_to_needs_a_word_more(home: Path) -> None:
    (letter,) = asyncio.run(heard(home, *rows(1), closed=Verdict.EDITED))
    asked = ["deadletters", "edit", letter, "--set", "Name=Ferry Ltd", "--reason", "a test", "--apply"]

    told = CliRunner().invoke(freshforce, asked)

    assert told.exit_code == 1
    assert "letter-closed" in told.output
    assert "mend: add --again" in told.output
