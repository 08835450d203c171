"""What STYLE asks of every file, as far as a machine can see it."""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

PRODUCT = sorted([*Path("app").rglob("*.py"), *Path("streams").rglob("*.py")])
EVERYTHING = sorted([*PRODUCT, *Path("tests").rglob("*.py")])
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
BANNED = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "processor",
    "common",
    "core",
    "base",
    "data",
    "info",
    "misc",
}
"""Words that say nothing; `handler` is checked by eye, since HTTP has real ones."""
FOREIGN = {"data_received"}
"""Names that a library calls us by (asyncio.Protocol)."""
ACKS_UNSEEN = re.compile(r"stream\w*\.(noack_)?take\b|\bnoack_take\b")
"""Faust's batch readers acknowledge messages that nobody saw, or hang (facts, trap 3)."""


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def _words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def _names(file: Path) -> Iterator[str]:
    yield file.stem
    for node in ast.walk(_parsed(file)):
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name not in FOREIGN
        ):
            yield node.name


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def long_files(files: list[Path]) -> list[str]:
    return [
        f"{file}: {count}" for file in files if (count := len(file.read_text().splitlines())) > LONGEST_FILE
    ]


def long_functions(files: list[Path]) -> list[str]:
    return [
        f"{file}: {f.name} has {length} lines"
        for file in files
        for f in _functions(_parsed(file))
        if (length := (f.end_lineno or 0) - f.lineno + 1) > LONGEST_FUNCTION
    ]


def empty_words(files: list[Path]) -> list[str]:
    return [f"{file}: {name}" for file in files for name in _names(file) if _words(name) & BANNED]


def calls_of_takers(files: list[Path]) -> list[str]:
    return [
        f"{file}:{node.lineno}"
        for file in files
        for node in ast.walk(_parsed(file))
        if isinstance(node, ast.Attribute) and ACKS_UNSEEN.search(ast.unparse(node))
    ]


def catch_alls(files: list[Path]) -> list[str]:
    return [
        f"{file}"
        for file in files
        for node in ast.walk(_parsed(file))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]


def open_todos(files: list[Path]) -> list[str]:
    return [
        f"{file}:{token.start[0]}"
        for file in files
        for token in tokenize.generate_tokens(StringIO(file.read_text()).readline)
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX)\b(?! #\d+)", token.string)
    ]


def test_no_file_is_longer_than_300_lines() -> None:
    assert long_files(EVERYTHING) == []


def test_no_function_is_longer_than_40_lines() -> None:
    assert long_functions(PRODUCT) == []


def test_no_name_says_nothing() -> None:
    assert empty_words(PRODUCT) == []


def test_nobody_reads_a_stream_with_take() -> None:
    assert calls_of_takers([file for file in PRODUCT if file.is_relative_to("app/worker")]) == []


def test_only_the_loop_catches_everything() -> None:
    assert [file for file in catch_alls(PRODUCT) if not file.startswith("streams/loop/")] == []
    assert len(catch_alls(PRODUCT)) <= 1


def test_no_todo_without_an_issue() -> None:
    assert open_todos(EVERYTHING) == []


def test_no_test_is_inside_a_package() -> None:
    assert list(Path("tests").rglob("__init__.py")) == []


GUILTY = """
class DataManager:
    def take_it(self, stream):
        try:
            stream.take(5)
        except Exception:
            pass  # TODO: later
"""


@pytest.mark.parametrize("check", [empty_words, calls_of_takers, catch_alls, open_todos])
def test_each_checker_finds_what_it_looks_for(check: object, tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text(GUILTY)

    assert callable(check)
    assert check([guilty])


def test_the_length_checkers_find_what_they_look_for(tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("def f():\n" + "    x = 1\n" * 320)

    assert long_files([long])
    assert long_functions([long])
