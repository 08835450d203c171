"""What is inside a seal: the credentials and tokens of a connection, and its callbacks' verifiers."""

from datetime import timedelta
from enum import StrEnum
from operator import not_
from typing import Annotated, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    SerializationInfo,
)

from streams.domain.identity import AccountId

_REVEAL: Final = {"reveal": True}


def _written(secret: SecretStr, info: SerializationInfo) -> str:
    """Secrets are written only into a seal; any other dump shows stars."""
    return secret.get_secret_value() if info.context == _REVEAL else "***"


Secret = Annotated[SecretStr, PlainSerializer(_written, return_type=str)]


class Inner(BaseModel):
    """A value inside a seal."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def reveal(self) -> bytes:
        """Return the JSON with the secrets in it: for the cipher, and nobody else."""
        return self.model_dump_json(context=_REVEAL).encode()


class Status(StrEnum):
    """Whether a grant can be used."""

    OK = "ok"
    NEEDS_CONSENT = "needs-consent"


class FreshBooksGrant(Inner):
    """An app's credentials at FreshBooks with the tokens that the account's owner gave it."""

    client_id: str
    client_secret: Secret
    redirect_uri: str
    access_token: Secret
    refresh_token: Secret
    expires_at: AwareDatetime
    lives: timedelta | None = None
    """How long the access token lives from its making; None where nobody wrote it down."""
    address: str = ""
    """The API that it was given for, and goes to alone; empty where nobody wrote it down."""
    given_at: AwareDatetime | None = None
    """When its owner's consent brought it; a renewal changes nothing of that."""
    scopes: tuple[str, ...] = ()
    """What the owner allowed, which never changes; empty where FreshBooks did not name it."""
    role: str = ""
    """What its user was in the account when he consented; empty where nobody wrote it down."""
    status: Status = Status.OK


class SalesforceGrant(Inner):
    """An app's credentials at Salesforce; sessions are not kept."""

    client_id: str
    client_secret: Secret
    address: str = ""
    """The org that it was given for, and goes to alone; empty where nobody wrote it down."""


class Callback(Inner):
    """One of our webhook addresses and the verifiers that sign what comes to it."""

    path: Annotated[str, Field(pattern=r"^[0-9a-f]{32,64}$")]
    """The opaque last part of its URI: it tells which callback a webhook is for."""
    event: str
    """FreshBooks' noun: client, invoice or payment."""
    uri: str
    callback_id: int | None = None
    verifier: Secret | None = None
    verified: bool = False
    previous: Secret | None = None
    """The verifier before this one; it still counts until `previous_until`."""
    previous_until: AwareDatetime | None = None


class WebhooksGrant(Inner):
    """The callbacks of a connection."""

    callbacks: tuple[Callback, ...] = ()
    former: Annotated[tuple[Callback, ...], Field(exclude_if=not_)] = ()
    """Removed last, without their verifiers: somebody may have registered them again in that very moment.

    Left out of the seal where there are none, so that a process of an earlier version can open it.
    """

    def at(self, path: str) -> Callback | None:
        """Return the callback of that path."""
        return next((each for each in self.callbacks if each.path == path), None)

    def with_(self, callback: Callback) -> "WebhooksGrant":
        """Return the grant with `callback` in the place of the one at its path."""
        kept = tuple(callback if each.path == callback.path else each for each in self.callbacks)
        return WebhooksGrant(callbacks=kept if callback in kept else (*kept, callback))


class Account(Inner):
    """An account that the tokens can read."""

    account: AccountId
    business: str
    role: str


class Unchosen(Inner):
    """Tokens that a code brought, while a person has yet to say which account is meant."""

    access_token: Secret
    refresh_token: Secret
    expires_at: AwareDatetime
    accounts: tuple[Account, ...]
    given_at: AwareDatetime | None = None
    """When the code was traded for them."""
    scopes: tuple[str, ...] = ()
    """What the owner allowed."""


class ConsentGrant(Inner):
    """A consent that was asked for: for which app and, once the owner's browser came back, the code."""

    client_id: str
    client_secret: Secret
    redirect_uri: str
    api_url: str
    auth_url: str
    state: Secret
    """It names the connection up to its first point, and is known to whoever was given the address."""
    asked_at: AwareDatetime
    other_account: bool = False
    """The connection may follow another account than so far."""
    life: int | None = None
    """Of the connection, when this was asked: a removed name that is taken anew is another one."""
    taken_at: AwareDatetime | None = None
    """When somebody took the code to trade it: it works once, so nobody else tries."""
    code: Secret | None = None
    unchosen: Unchosen | None = None
    """What the code brought, where the account is still to be chosen."""
    denied: bool = False

    @property
    def answered(self) -> bool:
        """Tell whether the owner has said yes or no."""
        return bool(self.denied or self.code or self.taken_at or self.unchosen)


Grant = FreshBooksGrant | SalesforceGrant | WebhooksGrant | ConsentGrant
