"""Asking FreshBooks from the command line: with the kept token, renewed by the keeper, in bounded time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

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
        Misconfigured: no token came within `patience` seconds, or none comes without a person's consent.
    """
    name, address = connection.name, connection.freshbooks_api_url
    token = await _in_time(tokens, tokens.freshbooks(name), name, patience)
    try:
        return await question(token.at(name, address))
    except Unauthorized:
        token = await _in_time(tokens, tokens.renew(name, token.generation), name, patience)
        return await question(token.at(name, address))


async def _in_time(
    tokens: Tokens, waited: Coroutine[Any, Any, T], name: ConnectionName, patience: float
) -> T:
    token, needy = asyncio.create_task(waited), asyncio.create_task(tokens.needs_consent(name))
    try:
        done, _ = await asyncio.wait({token, needy}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if token in done:
            return token.result()
    finally:
        token.cancel()
        needy.cancel()
        await asyncio.gather(token, needy, return_exceptions=True)
    raise _needs_consent(name) if needy in done else _nobody_renews(name, patience)


def _needs_consent(name: ConnectionName) -> Misconfigured:
    message = f"FreshBooks renews the access of {name} no more: it needs its owner's consent"
    mend = f"freshforce connect freshbooks {name} …; what waits goes on by itself then"
    return Misconfigured(message, mend, "needs-consent")


def _nobody_renews(name: ConnectionName, patience: float) -> Misconfigured:
    message = f"no living token for {name} came within {patience:g} s"
    mend = f"is a worker running? If so: `freshforce connect freshbooks {name}`"
    return Misconfigured(message, mend, "no-token")
