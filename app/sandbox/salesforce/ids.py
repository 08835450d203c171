"""Salesforce ids: a 3-letter prefix, 12 base-62 digits and, in the long form, 3 letters of checksum.

The checksum tells which letters are capitals, so that the long form survives tools that fold case.
"""

from functools import lru_cache
from itertools import count

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT, LONG = 15, 18
GROUP = 5
POD = "Fr0"
"""Characters 4 to 6: which server the org lives on, the same for all its rows."""


def long_id(short: str) -> str:
    """Return the 18-character form of a 15-character id."""
    first, second, third = short[:GROUP], short[GROUP : 2 * GROUP], short[2 * GROUP :]
    return f"{short}{_check_letter(first)}{_check_letter(second)}{_check_letter(third)}"


@lru_cache(maxsize=65_536)
def _check_letter(group: str) -> str:
    return SUFFIX[sum(1 << at for at, letter in enumerate(group) if "A" <= letter <= "Z")]


def normal_id(text: str) -> str | None:
    """Return the 18-character form of a 15- or 18-character id, None for anything else.

    A long id may come in any case: its checksum says which letters are capitals.
    """
    if not (text.isascii() and text.isalnum()):
        return None
    if len(text) == SHORT:
        return long_id(text)
    return _restored(text) if len(text) == LONG else None


def _restored(text: str) -> str | None:
    if long_id(text[:SHORT]) == text:
        return text
    bits = [SUFFIX.find(letter) for letter in text[SHORT:].upper()]
    if -1 in bits:
        return None
    short = "".join(
        letter.upper() if bits[at // GROUP] >> at % GROUP & 1 else letter.lower()
        for at, letter in enumerate(text[:SHORT])
    )
    return short + text[SHORT:].upper()


def base62(number: int) -> str:
    """Write `number` in the digits of an id."""
    digits = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits or "0"


def numbered(prefix: str, number: int) -> str:
    """Return the id of the row of that number."""
    digits = SHORT - len(prefix) - len(POD)
    return long_id(prefix + POD + base62(number % len(DIGITS) ** digits).rjust(digits, "0"))


class IdMint:
    """Gives each new row of an org its id, rising per prefix."""

    def __init__(self) -> None:
        self._next: dict[str, count[int]] = {}

    def new(self, prefix: str) -> str:
        """Return an id of `prefix` that was never given before."""
        return numbered(prefix, next(self._next.setdefault(prefix, count(1))))
