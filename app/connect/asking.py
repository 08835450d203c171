"""Asking for the owner's consent, and waiting until the browser has come back to the ingress.

What was asked lies sealed among the grants, the app's secret with it, so that a page may go on after any
restart and needs no secret a second time: `begin`, then `came` (or `until_came`), then `take`, since a code
works once, then `trade` with what came and `join` (app.connect.freshbooks), then `end`.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import ClientSession

from app.connect.consent import Consent, Pasted, ask_consent, belonging
from app.connect.meanwhile import still
from app.connect.revoking import revoke_unchosen
from app.freshbooks.oauth import OAuthApp
from app.kafka.failures import KafkaAway
from app.registry import Registry
from app.vault.access import Held
from app.vault.grants import ConsentGrant, Unchosen
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Refused, Transient
from streams.domain.grant import Sealed, Side, grant_key
from streams.domain.identity import ConnectionName
from streams.topics import GRANTS

NONCE: Final = 16
OPEN_FOR: Final = timedelta(hours=1)
"""As the ingress has it (app.ingress.consents)."""
LOOK: Final = 5.0
"""Seconds that Kafka has to tell of a newer question, before one is forgotten."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that was asked for and is still open."""

    app: OAuthApp
    state: str
    answer: Pasted | None
    """The code, once the browser has come back with it."""
    connection: Connection
    """The connection with the addresses at which it was asked for."""
    other_account: bool = False
    """The connection may follow another account than so far."""
    unchosen: Unchosen | None = None
    """What the code brought, where a person has yet to choose the account."""
    taken_at: datetime | None = None
    """When somebody took the code to trade it."""

    @property
    def answered(self) -> bool:
        """Tell whether the owner's answer has come, whatever became of it."""
        return bool(self.answer or self.unchosen or self.taken_at)


async def begin(
    registry: Registry,
    session: ClientSession,
    connection: Connection,
    app: OAuthApp,
    *,
    other_account: bool = False,
) -> Consent:
    """Return where the owner consents for `connection`; whatever was asked before is open no more.

    The connection's addresses are checked already (app.connect.freshbooks.with_urls); it need not be
    written yet, and is not: an unanswered question leaves no connection behind. Tokens that still waited
    for a choice are revoked.
    """
    name = connection.name
    before = await registry.grants.newest(name, Side.CONSENT)
    dropped = registry.grants.readable(ConsentGrant, name, Side.CONSENT)
    consent = await _asked_after(registry, connection, app, before, other_account=other_account)
    if dropped is not None:
        await revoke_unchosen(registry, session, connection, dropped.grant)
    return consent


async def begin_again(registry: Registry, asked: Asked) -> None:
    """Ask anew where a code came to nothing, unless somebody has done so already."""
    name = asked.connection.name
    before = await registry.grants.newest(name, Side.CONSENT)
    held = _question(registry, name, asked.state)
    if held is None or held.grant.unchosen is not None:
        return
    with suppress(Misconfigured):  # somebody asks at this very moment
        await _asked_after(registry, asked.connection, asked.app, before, other_account=asked.other_account)


async def _asked_after(
    registry: Registry, connection: Connection, app: OAuthApp, before: Sealed | None, *, other_account: bool
) -> Consent:
    nonce = registry.random(NONCE)
    name = connection.name
    consent = ask_consent(app, connection.freshbooks_auth_url, nonce, name)
    grant = ConsentGrant(
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=app.redirect_uri,
        api_url=connection.freshbooks_api_url,
        auth_url=connection.freshbooks_auth_url,
        state=consent.state,
        asked_at=registry.clock(),
        other_account=other_account,
        life=connection.life,
    )
    if not await _put(registry, name, grant, before):
        message = f"another consent is asked for {name} at this very moment"
        raise Misconfigured(message, "finish that one, or begin again", "asked-anew")
    return consent


async def keep(registry: Registry, name: ConnectionName, state: str, unchosen: Unchosen) -> None:
    """Keep what the code of the question with `state` brought, sealed, until a person chooses the account.

    Raises:
        Misconfigured: somebody has asked anew meanwhile; the caller has the tokens to revoke.
    """
    sealed = await registry.grants.newest(name, Side.CONSENT)
    held = _question(registry, name, state)
    if held is not None:
        after = held.grant.model_copy(update={"code": None, "taken_at": None, "unchosen": unchosen})
        if await _put(registry, name, after, sealed):
            return
    message = f"another consent was asked for {name} meanwhile"
    raise Misconfigured(message, "finish that one, or begin again", "asked-anew")


async def take(registry: Registry, name: ConnectionName, state: str) -> bool:
    """Take the code of the question with `state`, to trade it; False when somebody else has taken it.

    Of several pages and commands that see the code, one trades it: the others would be refused, and would
    say so over its success.
    """
    while True:
        sealed = await registry.grants.newest(name, Side.CONSENT)
        held = _question(registry, name, state)
        if held is None or held.grant.taken_at is not None or held.grant.unchosen is not None:
            return False
        after = held.grant.model_copy(update={"code": None, "taken_at": registry.clock()})
        if await _put(registry, name, after, sealed):
            return True


async def claim(registry: Registry, name: ConnectionName, state: str) -> None:
    """Take the code of the question with `state`, if that is open here: a person brings it by hand.

    Where nobody has asked here, as far as can be known, there is nobody else who would trade it.

    Raises:
        Taken: somebody else trades it, or has done so.
    """
    await registry.grants.newest(name, Side.CONSENT)
    held = registry.grants.readable(ConsentGrant, name, Side.CONSENT)
    ours = held is not None and held.grant.state.get_secret_value() == state
    if ours and not await take(registry, name, state):
        raise Taken.of(name)


def came(registry: Registry, name: ConnectionName) -> Asked:
    """Return what was asked for `name`, with the answer where it has come.

    Raises:
        Misconfigured: nothing is asked, an hour has passed, or the connection was removed.
        Refused: the owner said no.
    """
    held = registry.grants.held(ConsentGrant, name, Side.CONSENT)
    if held is None or registry.clock() >= _open_until(held.grant):
        message = f"no consent is asked for {name}, or it was asked too long ago"
        raise Misconfigured(
            message, f"begin again: freshforce connect freshbooks {name} …", "no-consent-asked"
        )
    asked = held.grant
    if asked.denied:
        message = "consent was denied, or the app asks for a scope that it may not have"
        raise Refused(message, "consent again; check the scopes of the FreshBooks app", "consent-denied")
    app = OAuthApp(asked.client_id, asked.client_secret, asked.redirect_uri)
    state = asked.state.get_secret_value()
    answer = None if asked.code is None else belonging(app, asked.code.get_secret_value(), state)
    urls = {"freshbooks_api_url": asked.api_url, "freshbooks_auth_url": asked.auth_url}
    known = registry.taken(name)
    connection = known.model_copy(update=urls | {"life": asked.life or known.life})
    still(registry, connection)
    return Asked(app, state, answer, connection, asked.other_account, asked.unchosen, asked.taken_at)


async def until_came(registry: Registry, name: ConnectionName, state: str) -> Pasted:
    """Return the code once the browser has come back to the ingress for the question with `state`.

    Raises:
        Misconfigured, Refused: as `came`, or somebody has asked anew meanwhile.
    """
    while True:
        asked = came(registry, name)
        if asked.state != state:
            message = f"another consent was asked for {name} meanwhile"
            raise Misconfigured(message, "finish that one, or begin again", "asked-anew")
        if asked.answer is not None:
            return asked.answer
        if asked.answered:
            raise Taken.of(name)
        await registry.grants.change()


async def answered(
    registry: Registry, name: ConnectionName, state: str, answer: Coroutine[Any, Any, Pasted]
) -> Pasted:
    """Return the `answer` to the question with `state` once it is ours to trade; else give the question up.

    Raises:
        Taken: somebody else trades it; else what `answer` raises.
    """
    ours = False
    try:
        code = await answer
        ours = await take(registry, name, state)
    finally:
        if not ours:
            with suppress(Transient):  # Kafka is away: it stays open, for an hour at most
                await give_up(registry, name, state)
    if not ours:
        raise Taken.of(name)
    return code


class Taken(Misconfigured):
    """The code of the consent is another's to trade."""

    code = "code-taken"

    @classmethod
    def of(cls, name: ConnectionName) -> "Taken":
        """Return the refusal for `name`."""
        message = f"a page or another command goes on with the consent for {name}"
        return cls(message, f"finish it there; how it stands: freshforce connections show {name}")


async def ended(registry: Registry, name: ConnectionName, state: str) -> None:
    """Forget the question with `state`, whose tokens are joined; it may stay, while Kafka is away."""
    with suppress(Transient):
        await end(registry, name, state)


async def give_up(registry: Registry, name: ConnectionName, state: str) -> None:
    """Forget the question with `state`, for which nobody waits, unless somebody goes on with its answer.

    Raises:
        Unreachable: Kafka is away.
    """
    held = await _as_it_is(registry, name, state)
    if held is not None and held.grant.taken_at is None and held.grant.unchosen is None:
        await registry.erase(GRANTS, grant_key(name, Side.CONSENT))


async def end(registry: Registry, name: ConnectionName, state: str) -> None:
    """Forget the question with `state`: its code is traded; a newer one stays.

    Raises:
        Unreachable: Kafka is away.
    """
    if await _as_it_is(registry, name, state) is not None:
        await registry.erase(GRANTS, grant_key(name, Side.CONSENT))


async def _as_it_is(registry: Registry, name: ConnectionName, state: str) -> Held[ConsentGrant] | None:
    """Return the question with `state` as all that was written by now has it; None where it is gone.

    Raises:
        Unreachable: Kafka is away.
    """
    try:
        async with asyncio.timeout(LOOK):
            await registry.grants.newest(name, Side.CONSENT)
    except TimeoutError:
        raise KafkaAway(TimeoutError.__name__) from None
    return _question(registry, name, state)


def _question(registry: Registry, name: ConnectionName, state: str) -> Held[ConsentGrant] | None:
    """Return the question with `state`, as far as it is known here; None when it is not the newest one."""
    held = registry.grants.readable(ConsentGrant, name, Side.CONSENT)
    return held if held is not None and held.grant.state.get_secret_value() == state else None


def _open_until(asked: ConsentGrant) -> datetime:
    return asked.asked_at + OPEN_FOR if asked.unchosen is None else asked.unchosen.expires_at


async def _put(registry: Registry, name: ConnectionName, grant: ConsentGrant, before: Sealed | None) -> bool:
    """Write the question as what follows `before`, and tell whether it stands."""
    generation, follows = (1, "") if before is None else (before.generation + 1, before.mark)
    sealed = registry.grants.sealer.seal(grant, name, generation, registry.clock())
    return await registry.grants.put(sealed.model_copy(update={"follows": follows}))
