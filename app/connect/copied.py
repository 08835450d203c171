"""A connection into which a history was copied: its log answers for FreshBooks, nobody else does."""

from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured


class NoBooks(Misconfigured):
    """FreshBooks was to be asked for a connection that reads no books."""

    code = "no-books"


def refuse_copied(connection: Connection, mend: str) -> None:
    """Raise for a connection that has no FreshBooks of its own; `mend` says what there is to do instead.

    Raises:
        NoBooks: a history was copied into it.
    """
    if connection.copied:
        why = "a history was copied into it (freshforce replay copy)"
        message = f"{connection.name} has no FreshBooks of its own: {why}"
        raise NoBooks(message, mend)


def copy_again(connection: Connection) -> str:
    """Return how what is new comes into such a connection."""
    return f"what is new comes by: freshforce replay copy ORIGIN --to {connection.name} --apply"
