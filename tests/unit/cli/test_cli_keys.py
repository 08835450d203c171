"""`freshforce keys` where the keys are in the environment, which no command of ours can change."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import freshforce
from tests.builders.vault import KEY


@pytest.fixture(autouse=True)
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRESHFORCE_KEYS", f"{KEY.id}:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (["rotate"], "run `freshforce keys new`, then put the new line in front there"),
        (
            ["rotate", "--resume", "--retire"],
            "once `freshforce keys list` says that nothing needs the old key",
        ),
        (["retire", KEY.id], "once `freshforce keys list` says that nothing needs the old key"),
    ],
)
def test_what_only_a_person_can_change_is_refused_before_anything_is_done(
    words: list[str], mend: str, tmp_path: Path
) -> None:
    ended = CliRunner().invoke(freshforce, ["keys", *words])

    assert ended.exit_code == 1
    assert "keys-given: the keys come from FRESHFORCE_KEYS, which we cannot change" in ended.stderr
    assert mend in ended.stderr
    assert not (tmp_path / ".freshforce" / "keys").exists()


def test_the_help_has_every_role_know_a_key_before_one_of_them_encrypts_with_it() -> None:
    told = " ".join(CliRunner().invoke(freshforce, ["keys", "rotate", "--help"]).output.split())

    steps = [
        "Put that line in front",
        "restart all roles: now each",
        "Move it to the end",
        "keys rotate --resume",
    ]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)
