"""Rows of dead letters that another mapping made than today's: a retry sends them as they were made then."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from app.deadletters.edit import BY_HAND
from app.view.letters import Letter
from streams.domain.command import OF_INVOICE
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.mapping.rules import Rules

AT_MOST: Final = 3
"""Objects of a connection that are replayed one by one; of more all of the connection is."""


class Outdated(NamedTuple):
    """A row that today's mapping, or today's settings, may make otherwise."""

    connection: str
    made_by: str
    """Version of the mapping that made it."""
    today: str
    only: str
    """What a replay has to be about to make it anew."""

    @property
    def replay(self) -> str:
        """What has the row made anew, and sent if it differs: the first of two commands."""
        return f"freshforce replay preview {self.connection} --only {self.only}"


def outdated(letter: Letter, connections: Mapping[str, Connection]) -> Outdated | None:
    """Return what there is to know of a row that an older mapping made; None of any other letter.

    What has not come as far as a row is derived by today's mapping when it is retried.
    """
    result, made_by = letter.entry.get("result"), letter.entry.get("mapping", "")
    connection = connections.get(letter.connection)
    if not result or made_by in {"", BY_HAND} or connection is None or connection.removed:
        return None
    today = _today(connection)
    if today in {"", made_by}:
        return None
    kind, number = "client", letter.entry["client"]
    if result["sobject"] in OF_INVOICE:
        kind, number = "invoice", result["external_id"].rpartition(":")[2]
    return Outdated(letter.connection, made_by, today, f"{kind}:{number}")


def advice(found: Iterable[Outdated]) -> list[str]:
    """Return the commands that have such rows made anew, each once."""
    by_connection: dict[str, dict[str, None]] = {}
    for it in found:
        by_connection.setdefault(it.connection, {})[it.replay] = None
    return [
        line
        for name, its in by_connection.items()
        for line in (its if len(its) <= AT_MOST else [f"freshforce replay preview {name}"])
    ]


def _today(connection: Connection) -> str:
    """Return the version of the mapping in force; empty when none can be."""
    try:
        return Rules.of(connection).version
    except Misconfigured:
        return ""
