"""Grants in and out of their seal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from pydantic import SecretStr, ValidationError

from app.vault import cipher
from app.vault.grants import ConsentGrant, FreshBooksGrant, Grant, Inner, SalesforceGrant, WebhooksGrant
from app.vault.keys import Keyring
from streams.domain.grant import Sealed, Side, VerifierOffered
from streams.domain.identity import ConnectionName, digest

G = TypeVar("G", bound=Inner)

_SIDES: Final[dict[type[Inner], Side]] = {
    FreshBooksGrant: Side.FRESHBOOKS,
    SalesforceGrant: Side.SALESFORCE,
    WebhooksGrant: Side.WEBHOOKS,
    ConsentGrant: Side.CONSENT,
}
KINDS: Final[dict[Side, type[Inner]]] = {side: grant for grant, side in _SIDES.items()}
_WHOLE: Final = "grant"
"""The field that a seal is bound to. All secrets of a grant are one: apart, old ones could join new ones."""
Random = Callable[[int], bytes]
"""os.urandom, handed in by the composition root."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with the active key, opens with any."""

    keys: Keyring
    random: Random

    def seal(self, grant: Grant, connection: ConnectionName, generation: int, now: datetime) -> Sealed:
        """Return `grant` as Kafka may see it. `generation` is one more than the last one's."""
        side, key, nonce = _SIDES[type(grant)], self.keys.active, self.random(cipher.NONCE)
        context = (connection, side.value, _WHOLE, str(generation))
        return Sealed(
            connection=connection,
            side=side,
            generation=generation,
            key_id=key.id,
            nonce=nonce,
            ciphertext=cipher.seal(grant.reveal(), key, nonce, *context),
            written_at=now,
        )

    def open(self, grant: type[G], sealed: Sealed) -> G:
        """Return what `sealed` holds.

        Raises:
            BadKeys: we do not have its key; the message names the key.
            SealBroken: it was altered or moved, or holds another grant than `grant`.
        """
        context = (sealed.connection, sealed.side.value, _WHOLE, str(sealed.generation))
        plain = cipher.unseal(sealed.ciphertext, self.keys[sealed.key_id], sealed.nonce, *context)
        try:
            return grant.model_validate_json(plain)
        except ValidationError:
            message = f"the seal of {sealed.key} holds no {grant.__name__}"
            raise cipher.SealBroken(message) from None

    def again(self, grant: type[Inner], sealed: Sealed) -> Sealed:
        """Return what follows `sealed`: the same inside, sealed with the active key.

        Raises:
            BadKeys, SealBroken: it cannot be opened here.
        """
        return self.over(self.open(grant, sealed), sealed)

    def over(self, inner: Inner, sealed: Sealed) -> Sealed:
        """Return what follows `sealed`, with `inner` inside: a trade that was begun is still begun."""
        key, nonce = self.keys.active, self.random(cipher.NONCE)
        context = (sealed.connection, sealed.side.value, _WHOLE, str(sealed.generation))
        ciphertext = cipher.seal(inner.reveal(), key, nonce, *context)
        update = {"key_id": key.id, "nonce": nonce, "ciphertext": ciphertext, "follows": sealed.mark}
        return sealed.model_copy(update=update)

    def offer(
        self, connection: ConnectionName, path: str, callback_id: int, verifier: str
    ) -> VerifierOffered:
        """Return a verifier that somebody posted to `path`, as Kafka may see it."""
        key, nonce = self.keys.active, self.random(cipher.NONCE)
        context = (connection, "offer", path, str(callback_id))
        return VerifierOffered(
            id=digest("verifier-offered", *context, nonce.hex()),
            connection=connection,
            path=path,
            callback_id=callback_id,
            key_id=key.id,
            nonce=nonce,
            ciphertext=cipher.seal(verifier.encode(), key, nonce, *context),
        )

    def offered(self, offer: VerifierOffered) -> SecretStr:
        """Return the verifier that was offered.

        Raises:
            BadKeys: we do not have its key.
            SealBroken: it was altered.
        """
        context = (offer.connection, "offer", offer.path, str(offer.callback_id))
        plain = cipher.unseal(offer.ciphertext, self.keys[offer.key_id], offer.nonce, *context)
        return SecretStr(plain.decode())
