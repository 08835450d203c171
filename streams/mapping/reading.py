"""Read a mapping file: every flaw is named with its line, its key and the mend, not the first one only."""

import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from streams.mapping.flaws import BadMapping, Flaw
from streams.mapping.gallery import rehearsed
from streams.mapping.lines import line_of, lines_of
from streams.mapping.reader import Reader
from streams.mapping.sheet import Mapping

LONGEST_FILE: Final = 65_536


@lru_cache(maxsize=1)
def default_text() -> str:
    """Return the mapping of connections that have none of their own."""
    return files("streams.mapping").joinpath("default.toml").read_text("utf-8")


@lru_cache(maxsize=256)
def read(text: str) -> Mapping:
    """Return the mapping that `text` holds; nothing is the one we ship.

    What is stored was `accepted` once, perhaps by an earlier release with fewer made-up records. Where a
    value has no result, it is the record that fails, not the whole connection.

    Raises:
        BadMapping: it cannot be understood; names every flaw.
    """
    text = text or default_text()
    reader = Reader()
    mapping = reader.mapping(_toml(text))
    if mapping is None or reader.flaws:
        raise _bad(text, reader.flaws)
    return mapping


def accepted(text: str) -> Mapping:
    """Return the mapping that a person means to use: it works for made-up records of all sorts, too.

    Raises:
        BadMapping: it cannot work; names every flaw.
    """
    mapping = read(text)
    if flaws := [*rehearsed(mapping)]:
        raise _bad(text or default_text(), flaws)
    return mapping


def _bad(text: str, flaws: Iterable[Flaw]) -> BadMapping:
    lines = lines_of(text)
    placed = (flaw if flaw.line else flaw._replace(line=line_of(lines, flaw.key)) for flaw in flaws)
    return BadMapping(sorted(dict.fromkeys(placed), key=lambda flaw: flaw.line))


def _toml(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_FILE:
        raise BadMapping([Flaw("", f"longer than {LONGEST_FILE} characters", "leave out what is not needed")])
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:  # as a number of ten thousand digits is, too
        where = re.search(r"at line (\d+)", str(error))
        flaw = Flaw("", f"no TOML: {error}", "see toml.io", int(where[1]) if where else text.count("\n") + 1)
    except RecursionError:
        flaw = Flaw("", "no TOML: too deeply nested", "see toml.io")
    raise BadMapping([flaw])
