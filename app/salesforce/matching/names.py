"""Names, phones and e-mail addresses, written in one way, so that equal ones look equal."""

import re
import unicodedata
from typing import Final

_FORMS: Final = frozenset(
    re.findall(
        r"\w+",
        "inc incorporated llc llp lllp lp ltd limited corp corporation co company plc pllc pc pty"
        " gmbh mbh ag kg kgaa ohg ug ek eg ev se gbr sa sas sarl sasu srl spa snc sl slu sc"
        " bv nv vof ab as asa aps oy oyj kk sdn bhd pte ou zoo",
    )
)
"""Legal forms, as they stand once dots are gone. They say how a firm is owned, not which it is."""
_JOINTS: Final = frozenset({"and", "und", "et", "y", "the"})
_SPECIAL: Final = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})
_FEWEST_DIGITS: Final = 7
_LAST_DIGITS: Final = 10
"""What stands before is a country's or a trunk prefix, which one writes and the other does not."""


def plain(text: str) -> str:
    """Return `text` in one case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return "".join(char for char in apart if not unicodedata.combining(char))


def words(name: str) -> tuple[str, ...]:
    """Return the words that name a firm or a person: no case, accents, punctuation, legal form.

    "A.C.M.E. Widgets, Inc." and "ACME Widgets" have the same. A name of nothing but legal forms keeps them.
    """
    bare = re.sub(r"(?<=\b\w)\.(?=\w\b)|['’`]|(?<=\w)\.(?=\s|$|,)", "", plain(name))  # noqa: RUF001
    found = [word for word in re.findall(r"\w+", bare.replace("_", " ")) if word not in _JOINTS]
    core = [*found]
    while core and core[-1] in _FORMS:
        core.pop()
    return tuple(core or found)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names mean the same, whichever way they are written."""
    return bool(words(one)) and "".join(words(one)) == "".join(words(other))


def digits(phone: str) -> str:
    """Return the digits that tell a phone apart; nothing where there are too few to tell."""
    found = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone).split("x")[0].split("ext")[0])
    return found[-_LAST_DIGITS:] if len(found) >= _FEWEST_DIGITS else ""


def mailbox(email: str) -> str:
    """Return an e-mail address in one case; nothing where it is none."""
    bare = email.strip().casefold()
    return bare if re.fullmatch(r"[^@\s]+@[^@\s]+", bare) else ""
