"""On which line of a TOML file a key stands; the standard library's reader does not tell."""

import re
from collections.abc import Mapping
from typing import Final

_TABLE: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY: Final = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+))*)\s*=""")
_LONG: Final = ('"""', "'''")


def lines_of(text: str) -> Mapping[str, int]:
    """Return the line of each table and each key, by dotted name; odd spellings may be missing."""
    found: dict[str, int] = {}
    table, inside = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if match := _TABLE.match(line):
            table = _plain(match[1])
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            name = _plain(match[1])
            found.setdefault(f"{table}.{name}" if table else name, number)
        inside = next((mark for mark in _LONG if line.count(mark) % 2), "")
    return found


def line_of(lines: Mapping[str, int], key: str) -> int:
    """Return the line of a key, else of the nearest table around it; 0 when there is none."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return 0


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
