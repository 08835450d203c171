"""YAML, as much as our documents need: strings are written as JSON writes them, which YAML reads alike."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_PLAIN: Final = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z$][A-Za-z0-9_.$/-]*", re.IGNORECASE
)


def dump(document: Any) -> str:
    """Return `document` (dicts, lists, text, numbers, booleans, None) as YAML."""
    return "\n".join(_lines(document, "")) + "\n"


def _lines(node: Any, indent: str) -> Iterator[str]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _entry(f"{indent}{_scalar(key)}:", value, indent + "  ")
    elif isinstance(node, list) and node:
        for value in node:
            yield from _entry(f"{indent}-", value, indent + "  ")
    else:
        yield indent + _scalar(node)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if value and isinstance(value, dict | list):
        yield head
        yield from _lines(value, indent)
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
