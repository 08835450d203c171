"""Asking for the owner's consent, and waiting until the browser has come back to the ingress.

What was asked lies sealed among the grants, the app's secret with it, so that a page may go on after any
restart and needs no secret a second time: `begin`, then `came` (or `until_came`), then
`app.connect.freshbooks.connect` with what came, then `end`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.connect.consent import Consent, Pasted, ask_consent, belonging
from app.freshbooks.oauth import OAuthApp
from app.registry import Registry
from app.vault.grants import ConsentGrant, Unchosen
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Refused
from streams.domain.grant import Sealed, Side, grant_key
from streams.domain.identity import ConnectionName
from streams.topics import GRANTS

NONCE: Final = 16
OPEN_FOR: Final = timedelta(hours=1)
"""As the ingress has it (app.ingress.consents)."""


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


async def begin(
    registry: Registry, connection: Connection, app: OAuthApp, *, other_account: bool = False
) -> Consent:
    """Return where the owner consents for `connection`; whatever was asked before is open no more.

    The connection's addresses are checked already (app.connect.freshbooks.with_urls); it need not be
    written yet, and is not: an unanswered question leaves no connection behind.
    """
    nonce = registry.random(NONCE)
    consent = ask_consent(app, connection.freshbooks_auth_url, nonce, connection.name)
    name = connection.name
    grant = ConsentGrant(
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=app.redirect_uri,
        api_url=connection.freshbooks_api_url,
        auth_url=connection.freshbooks_auth_url,
        state=consent.state,
        asked_at=registry.clock(),
        other_account=other_account,
    )
    if not await _put(registry, name, grant, await registry.grants.newest(name, Side.CONSENT)):
        message = f"another consent is asked for {name} at this very moment"
        raise Misconfigured(message, "finish that one, or begin again", "asked-anew")
    return consent


async def keep(registry: Registry, name: ConnectionName, state: str, unchosen: Unchosen) -> None:
    """Keep what the code of the question with `state` brought, sealed, until a person chooses the account.

    Raises:
        Misconfigured: somebody has asked anew meanwhile; these tokens are forgotten.
    """
    sealed = await registry.grants.newest(name, Side.CONSENT)
    held = registry.grants.held(ConsentGrant, name, Side.CONSENT)
    if sealed is not None and held is not None and held.grant.state.get_secret_value() == state:
        after = held.grant.model_copy(update={"code": None, "unchosen": unchosen})
        if await _put(registry, name, after, sealed):
            return
    message = f"another consent was asked for {name} meanwhile"
    raise Misconfigured(message, "finish that one, or begin again", "asked-anew")


def came(registry: Registry, name: ConnectionName) -> Asked:
    """Return what was asked for `name`, with the answer where it has come.

    Raises:
        Misconfigured: nothing is asked, or an hour has passed.
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
    connection = known.model_copy(update=urls)
    return Asked(app, state, answer, connection, asked.other_account, asked.unchosen)


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
        await registry.grants.change()


async def end(registry: Registry, name: ConnectionName, state: str) -> None:
    """Forget the question with `state`: its code is traded, or nobody waits for it; a newer one stays."""
    held = registry.grants.held(ConsentGrant, name, Side.CONSENT)
    if held is not None and held.grant.state.get_secret_value() != state:
        return
    await registry.erase(GRANTS, grant_key(name, Side.CONSENT))


def _open_until(asked: ConsentGrant) -> datetime:
    return asked.asked_at + OPEN_FOR if asked.unchosen is None else asked.unchosen.expires_at


async def _put(registry: Registry, name: ConnectionName, grant: ConsentGrant, before: Sealed | None) -> bool:
    """Write the question as what follows `before`, and tell whether it stands."""
    generation, follows = (1, "") if before is None else (before.generation + 1, before.mark)
    sealed = registry.grants.sealer.seal(grant, name, generation, registry.clock())
    return await registry.grants.put(sealed.model_copy(update={"follows": follows}))
