"""What to ask an org by so that what is like a client is among the answers, in as few queries as fit.

SOQL compares text as it stands. So a name is asked for by a pattern that leaves open how it may be written
otherwise, a phone in the ways that people write one. What comes back is weighed (`score`), never trusted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.salesforce.api.soql import ROOM, size, text
from app.salesforce.matching.names import digits, mailbox, plain, words
from app.salesforce.matching.score import Wanted

EMAIL_FIELDS: Final = ("FreshBooks_Email__c", "PersonEmail")
"""Of an Account, where the org has them."""
PHONE_FIELDS: Final = ("Phone",)

_MAY_BEAR_ACCENTS: Final = frozenset("aceinosuyz")
_FEWEST_LETTERS: Final = 3
"""Letters that a pattern must say for certain; with fewer it would meet half of the org."""
_LOCAL: Final = 10


@dataclass(frozen=True, slots=True)
class Columns:
    """The Account's fields that the org lets us see."""

    key: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, for a SELECT."""
        return ("Id", "Name", self.key, *self.emails, *self.phones)


@dataclass(frozen=True, slots=True)
class Client:
    """A client to be looked for, and the external id that its own Account would carry."""

    external_id: str
    wanted: Wanted


def conditions(clients: Iterable[Client], columns: Columns, room: int = ROOM) -> Iterator[str]:
    """Yield WHERE conditions that meet all that is like the clients, each of at most `room` bytes."""
    batch: dict[str, list[str]] = {}
    taken = 0
    for client in clients:
        its = _terms(client, columns)
        cost = sum(size(f" OR {field} LIKE {value}") for field, value in its)
        if batch and taken + cost > room:
            yield _joined(batch)
            batch, taken = {}, 0
        taken += cost
        for field, value in its:
            if value not in (listed := batch.setdefault(field, [])):
                listed.append(value)
    if batch:
        yield _joined(batch)


def name_pattern(name: str) -> str | None:
    """Return the LIKE pattern of all ways to write `name`; None when it says too little.

    A letter that may bear an accent stands as "any letter", but for the first; between words anything.
    """
    core = words(name)
    spelled = "%".join("".join("_" if char in _MAY_BEAR_ACCENTS else char for char in word) for word in core)
    first = plain(name.strip())[:1]
    if not core or not first.isalnum() or core[0][0] != first:
        return None
    pattern = first + spelled[1:] + "%"
    certain = len(re.sub(r"[_%]", "", pattern))
    return pattern if certain >= _FEWEST_LETTERS else first + "%".join(core)[1:] + "%"


def spellings(phone: str) -> tuple[str, ...]:
    """Return a phone in the ways that people and programs write it."""
    local = digits(phone)
    if not local:
        return ()
    ways = [phone.strip(), local]
    if len(local) == _LOCAL:
        area, office, line = local[:3], local[3:6], local[6:]
        ways += [f"({area}) {office}-{line}", f"{area}-{office}-{line}", f"{area}.{office}.{line}"]
        ways += [f"{area} {office} {line}", f"+1{local}", f"+1 {area}-{office}-{line}", f"1{local}"]
    return tuple(dict.fromkeys(ways))


def _terms(client: Client, columns: Columns) -> list[tuple[str, str]]:
    """Return pairs of a field and a quoted value; a field with a pattern is called `Name LIKE`."""
    wanted = client.wanted
    found = [(columns.key, text(client.external_id))]
    if email := mailbox(wanted.email):
        found += [(field, text(email)) for field in columns.emails]
    found += [(field, text(way)) for field in columns.phones for way in spellings(wanted.phone)]
    if wanted.name.strip():
        found.append(("Name", text(wanted.name.strip())))
    if pattern := name_pattern(wanted.name):
        found.append((_LIKE, f"'{pattern}'"))
    return found


_LIKE: Final = "Name LIKE"


def _joined(batch: dict[str, list[str]]) -> str:
    patterns = batch.pop(_LIKE, [])
    parts = [f"{field} IN ({','.join(values)})" for field, values in batch.items()]
    return " OR ".join([*parts, *(f"{_LIKE} {pattern}" for pattern in patterns)])
