"""A mapping as it may go out: its tables, facts and logic stay; comments go, every text in it is disguised.

A text gets the disguise that the same text gets in a record, so `client.billing_country == 'Canada'` still
holds where it held. What looks into a text, or weighs an amount against a number, may not: the export tells.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.replay.incident.disguise import Texts
from app.replay.incident.fields import Fields
from streams.domain.errors import Misconfigured
from streams.mapping.flaws import BadMapping
from streams.mapping.reading import accepted
from streams.mapping.sandbox import ENVIRONMENT

_SETTINGS: Final = frozenset({"edition", "match", "deleted", "unpaid"})
"""Keys whose values are words of ours."""
_FIELDS: Final = frozenset({"fields", "create"})
"""Tables whose keys are names of fields."""
_DOTTED: Final = re.compile(r"[a-z]+\.[a-z_0-9]+")
_BRACES: Final = ("{{", "{%", "{#")
_LONG: Final = 7
"""Digits from which a number in a template is somebody's number, and no logic."""


_MEND: Final = "take it out of that template, or export under `freshforce mapping set NAME --default`"


class Unmaskable(Misconfigured):
    """The mapping cannot go out: with its texts disguised it does not work."""

    code = "unmaskable"


class MappingMask:
    """Disguises mapping files."""

    def __init__(self, texts: Texts, fields: Fields, kept: Collection[str]) -> None:
        self._texts, self._fields, self._kept = texts, fields, kept

    def __call__(self, text: str) -> str:
        """Return the mapping as it may go out.

        Raises:
            Unmaskable: it would not work.
        """
        tables = self._table((), tomllib.loads(text, parse_float=Decimal))
        masked = "".join(f"{key} = {value}\n" for key, value in _lines("", tables))
        try:
            accepted(masked)
        except BadMapping as bad:
            flaw = bad.flaws[0]
            message = f"the mapping does not work once its texts are masked: it {flaw.says}"
            raise Unmaskable(message, _MEND) from None
        return masked

    def _table(self, path: tuple[str, ...], table: Mapping[str, Any]) -> dict[str, Any]:
        named = path[-1:] and path[-1] in _FIELDS
        return {
            (self._fields[key] if named else key): self._value((*path, key), value)
            for key, value in table.items()
        }

    def _value(self, path: tuple[str, ...], value: Any) -> Any:
        match value:
            case dict() if path[-1] in _FIELDS or path[-1] == "stages" or len(path) == 1:
                return self._table(path, value)
            case dict():
                return Inline({key: it if key == "from" else self._literal(it) for key, it in value.items()})
            case str() if any(brace in value for brace in _BRACES):
                return self._template(value)
            case _ if path[-1] in _SETTINGS and path[-2:-1] != ("fields",):
                return value
            case str() if _DOTTED.fullmatch(value):
                return value
            case _:
                return self._literal(value)

    def _literal(self, value: Any) -> Any:
        match value:
            case bool() | date():
                return value
            case int():
                return int(self._number(str(value)))
            case Decimal():
                return Decimal(self._number(f"{value:f}"))
            case _:
                return self._text(str(value))

    def _text(self, text: str) -> str:
        return text if text in self._kept else self._texts[text]

    def _number(self, digits: str) -> str:
        """Return another number as long, without a nought before it."""
        return re.sub(r"^(-?)0+(?=\d)", r"\1", self._texts[digits])

    def _template(self, source: str) -> str:
        return "".join(self._token(sort, text) for _, sort, text in ENVIRONMENT.lexer.tokeniter(source, None))

    def _token(self, sort: str, text: str) -> str:
        match sort:
            case "data":
                return self._texts[text]
            case "comment" | "raw_begin" | "raw_end" | "comment_begin" | "comment_end":
                return ""
            case "string":
                plain = text[1:-1].encode("ascii", "backslashreplace").decode("unicode-escape")
                return _quoted(self._text(plain))
            case "integer" | "float" if sum(map(str.isdigit, text)) >= _LONG:
                return self._number(text)
            case _:
                return text


class Inline(dict[str, Any]):
    """A table that is one value."""


def _lines(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each key, with the tables that it stands in, and its value, as TOML has them."""
    for name, value in table.items():
        key = f"{prefix}{json.dumps(name)}"
        if isinstance(value, dict) and value and not isinstance(value, Inline):
            yield from _lines(f"{key}.", value)
        else:
            yield key, _toml(value)


def _toml(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {_toml(it)}" for key, it in value.items()) + "}"
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _quoted(text: str) -> str:
    """Return a text as a literal of Jinja's."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
