"""Daily roots: one line a day, each pinning down the ones before it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.view.chain import Link
from app.view.roots import BadRoots, Days, append, read

HEADS = {0: Link(41, b"\x01" * 32), 1: Link(7, b"\x02" * 32)}
FIRST, SECOND = date(2026, 11, 26), date(2026, 11, 27)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roots.jsonl"


def test_each_root_covers_the_one_before_it(file: Path) -> None:
    first, second = append(file, FIRST, HEADS), append(file, SECOND, HEADS)

    assert first is not None
    assert second is not None
    assert second.before == first.root
    assert read(file) == [first, second]


def test_a_day_has_one_root_however_often_it_is_closed(file: Path) -> None:
    append(file, SECOND, HEADS)

    assert append(file, SECOND, HEADS) is None
    assert append(file, FIRST, HEADS) is None
    assert len(read(file)) == 1


@pytest.mark.parametrize(
    ("old", "new"), [(b"[41,", b"[42,"), (b"2026-11-26", b"2026-11-25"), (b'"before":""', b'"before":"x"')]
)
def test_a_changed_line_is_named(file: Path, old: bytes, new: bytes) -> None:
    append(file, FIRST, HEADS)
    append(file, SECOND, HEADS)
    file.write_bytes(file.read_bytes().replace(old, new, 1))

    with pytest.raises(BadRoots, match="line 1 of"):
        read(file)


def test_a_missing_line_is_noticed_at_the_next(file: Path) -> None:
    append(file, FIRST, HEADS)
    append(file, SECOND, HEADS)
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[1])

    with pytest.raises(BadRoots, match="line 1"):
        read(file)


def test_a_line_that_a_crash_tore_is_written_anew(file: Path) -> None:
    append(file, FIRST, HEADS)
    with file.open("ab") as out:
        out.write(b'{"day":"2026-11-27","parti')

    append(file, SECOND, HEADS)

    assert [root.day for root in read(file)] == [FIRST, SECOND]


def test_yesterday_is_closed_once_the_clock_says_it_is_over(file: Path) -> None:
    now = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    days = Days(file, lambda: now)
    days.passed(HEADS)
    now = datetime(2026, 11, 28, 0, 0, 1, tzinfo=UTC)

    days.passed(HEADS)
    days.passed(HEADS)

    assert [root.day for root in read(file)] == [FIRST, SECOND]


def test_a_file_that_was_changed_stays_as_it_is_and_the_view_goes_on(file: Path) -> None:
    file.write_bytes(b"nonsense\n")

    Days(file, lambda: datetime(2026, 11, 28, tzinfo=UTC)).passed(HEADS)

    assert file.read_bytes() == b"nonsense\n"
