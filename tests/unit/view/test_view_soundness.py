"""A damaged view is found before it is shown; a sound one is left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app.view.soundness import complaint, put_aside_damaged


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "view.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE entries (id TEXT PRIMARY KEY, said TEXT)")
        database.executemany("INSERT INTO entries VALUES (?, ?)", [(str(n), "x" * 500) for n in range(500)])
    return file


def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def test_a_sound_file_stays_where_it_is(file: Path) -> None:
    assert put_aside_damaged(url(file)) is None
    assert file.exists()


@pytest.mark.parametrize("at", [0, 4096 * 20])
def test_a_damaged_file_is_put_aside_with_what_belongs_to_it(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at : at + 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    (file.parent / "view.sqlite-wal").write_bytes(b"of the damaged one")

    aside = put_aside_damaged(url(file))

    assert aside is not None
    assert aside.read_bytes() == content
    assert [each.name for each in file.parent.iterdir()] == ["view.sqlite.damaged"]


def test_what_another_process_holds_is_not_called_damaged(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert put_aside_damaged(url(file)) is None


@pytest.mark.parametrize("other", ["sqlite+aiosqlite://", "postgresql+asyncpg://me@here/view"])
def test_what_is_no_file_is_left_alone(other: str) -> None:
    assert put_aside_damaged(other) is None


def test_a_view_that_is_not_there_yet_is_sound(tmp_path: Path) -> None:
    assert put_aside_damaged(url(tmp_path / "none.sqlite")) is None


def test_a_complaint_is_a_name_and_quotes_nothing() -> None:
    with pytest.raises(sqlite3.OperationalError) as raised, closing(sqlite3.connect(":memory:")) as database:
        database.execute("SELECT 'the secret' FROM nowhere")

    assert complaint(OperationalError("the secret", {}, raised.value)) == "SQLITE_ERROR"
    assert complaint(OperationalError("the secret", {}, ValueError("the secret"))) == "ValueError"
