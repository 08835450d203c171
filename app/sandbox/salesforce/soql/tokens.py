"""SOQL text as tokens, each with its place, so that an error can point at it."""

import re
from dataclasses import dataclass
from enum import Enum

from app.sandbox.salesforce.refusal import Code, Refusal, bad_request


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


PATTERN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^'\\]|\\.)*')
  | (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<day>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d{1,5})?)
  | (?P<sign><=|>=|!=|<>|[=<>(),])
  )""",
    re.VERBOSE,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "N": "\n", "R": "\r", "T": "\t"}
LIKE_ESCAPES = "%_"
"""After a backslash these stay escaped: only LIKE gives them a meaning."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the query and where it begins."""

    kind: Kind
    text: str
    at: int

    def is_(self, *words: str) -> bool:
        """Tell whether the token is one of these keywords or signs."""
        return self.kind in {Kind.NAME, Kind.SIGN} and self.text.upper() in words


def tokens(query: str) -> list[Token]:
    """Cut `query` into tokens, the last one being the end.

    Raises:
        Refusal: a character that begins no token (MALFORMED_QUERY).
    """
    found, at, end = [], 0, len(query.rstrip())
    while at < end:
        match = PATTERN.match(query, at)
        if match is None or match.lastgroup is None:
            place = at + len(query[at:]) - len(query[at:].lstrip())
            raise pointed_at(
                query,
                place,
                Code.MALFORMED_QUERY,
                f"line 1:{place} no viable alternative at character '{query[place]}'",
            )
        found.append(Token(Kind(match.lastgroup), match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, Token(Kind.END, "<EOF>", end)]


def unquoted(text: str) -> str:
    """Return what a quoted string says; escaped wildcards stay escaped, for LIKE."""
    return re.sub(r"\\(.)", _unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    letter = match[1]
    return match[0] if letter in LIKE_ESCAPES else ESCAPES.get(letter, letter)


def pointed_at(query: str, at: int, code: Code, told: str) -> Refusal:
    """Return the refusal of `query` with a caret under the place, as the real org writes it."""
    return bad_request(code, f"\n{query}\n{' ' * at}^\nERROR at Row:1:Column:{at + 1}\n{told}")
