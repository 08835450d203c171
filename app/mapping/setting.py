"""Give a connection a mapping of its own."""

from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from streams.mapping.reading import accepted
from streams.mapping.rules import Rules


async def set_mapping(registry: Registry, name: ConnectionName, text: str) -> Connection:
    """Put the mapping `text` in force (nothing: the one that we ship) and return the connection.

    Running workers follow at once; a row changes when its client is next derived.

    Raises:
        NoConnection: there is none of that name.
        BadMapping: the mapping cannot work; nothing was changed.
    """
    accepted(text)
    await registry.read_on()
    before = registry[name]
    after = before.model_copy(update={"mapping": text})
    if after != before:
        await registry.write(after)
        await registry.note(after, Verdict.CONFIGURED, "mapping set", mapping=version_of(after))
    return after


def version_of(connection: Connection) -> str:
    """Return the version that the connection's commands carry; before it reads an account there are none."""
    return "" if connection.freshbooks_account_id is None else Rules.of(connection).version
