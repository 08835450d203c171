"""Asking FreshBooks from the command line: with the kept token, renewed by the keeper, in bounded time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.registry import Registry
from app.vault.tokens import KeptTokens, Tokens
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Unauthorized
from streams.domain.identity import ConnectionName

T = TypeVar("T")


def kept_tokens(registry: Registry) -> KeptTokens:
    """Return the tokens of the registry's grants."""
    return KeptTokens(registry.grants, registry.write, registry.clock)


async def with_token(
    tokens: Tokens, connection: Connection, question: Callable[[str], Awaitable[T]], patience: float = 30.0
) -> T:
    """Return the answer of `question`, which is given an access token; a dead one is renewed once.

    Raises:
        GivenElsewhere: the connection's address is another than the token's.
        Misconfigured: no token came within `patience` seconds.
    """
    name, address = connection.name, connection.freshbooks_api_url
    token = await _in_time(tokens.freshbooks(name), name, patience)
    try:
        return await question(token.at(name, address))
    except Unauthorized:
        token = await _in_time(tokens.renew(name, token.generation), name, patience)
        return await question(token.at(name, address))


async def _in_time(waited: Awaitable[T], name: ConnectionName, patience: float) -> T:
    try:
        async with asyncio.timeout(patience):
            return await waited
    except TimeoutError:
        message = f"no living token for {name} came within {patience:g} s"
        mend = f"is a worker running? If so: `freshforce connect freshbooks {name}`"
        raise Misconfigured(message, mend, "no-token") from None
