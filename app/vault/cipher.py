"""AES-256-GCM with its context: a ciphertext copied elsewhere does not open there."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.vault.keys import Key
from streams.domain.errors import Permanent

NONCE = 12
"""Bytes of os.urandom per seal; safe for about 2^32 seals with one key."""


class SealBroken(Permanent):
    """What was sealed does not open: another key, another context, or altered bytes."""

    code = "seal-broken"
    mend = "find out who wrote it; connect again to replace it"


def seal(plain: bytes, key: Key, nonce: bytes, *context: str) -> bytes:
    """Return `plain` encrypted and bound to `context`. A nonce must never be used twice with a key."""
    return AESGCM(key.secret).encrypt(nonce, plain, _bound(key, context))


def unseal(ciphertext: bytes, key: Key, nonce: bytes, *context: str) -> bytes:
    """Return what was sealed with this key, nonce and context.

    Raises:
        SealBroken: it was not.
    """
    try:
        return AESGCM(key.secret).decrypt(nonce, ciphertext, _bound(key, context))
    except (InvalidTag, ValueError):
        message = f"a seal of {':'.join(context[:2])} does not open with key {key.id}"
        raise SealBroken(message) from None


def _bound(key: Key, context: tuple[str, ...]) -> bytes:
    """Join with lengths, so that ("a", "bc") and ("ab", "c") differ."""
    return "".join(f"{len(part)}:{part}" for part in ("freshforce", key.id, *context)).encode()
