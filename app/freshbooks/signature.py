"""Tell whether FreshBooks signed a webhook, and with which verifier.

FreshBooks signs the fields, not the bytes: base64(HMAC-SHA256(verifier, json.dumps(fields))) with Python's
own separators and escapes, fields in the order sent (facts: FreshBooks, 1.5). The signature has no time in
it: a replay verifies, and only makes us read the object again.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

from app.freshbooks.form import parse

HEADER: Final = "X-FreshBooks-Hmac-SHA256"
_LENGTH: Final = 44


def fingerprint(secret: str) -> str:
    """Return the name by which logs and events call a verifier: 8 hex digits of its SHA-256."""
    return sha256(secret.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Verifier:
    """The secret of one callback; it prints as its fingerprint."""

    secret: bytes = field(repr=False)
    fingerprint: str

    @classmethod
    def of(cls, secret: str) -> "Verifier":
        """Return the verifier that checks signatures made with `secret`."""
        return cls(secret.encode(), fingerprint(secret))


def verify(body: bytes, signature: str, verifiers: Iterable[Verifier]) -> str | None:
    """Return the fingerprint of the verifier that signed `body`, or None.

    Raises:
        BadForm: `body` is not a form that FreshBooks would send.
    """
    return verify_form(parse(body), signature, verifiers)


def verify_form(form: Mapping[str, str], signature: str, verifiers: Iterable[Verifier]) -> str | None:
    """Return the fingerprint of the verifier that signed `form`, or None.

    The order received is tried first. Sorted names are the fallback, since one public receiver saw
    them; both need the secret, so the fallback gives nothing away.
    """
    if len(signature) != _LENGTH or not signature.isascii():
        return None
    claimed = signature.encode()
    known = tuple(verifiers)
    return _match(form, claimed, known) or _match(dict(sorted(form.items())), claimed, known)


def sign(form: Mapping[str, str], secret: bytes) -> bytes:
    """Return the signature of `form`, as base64 text in bytes."""
    return b2a_base64(hmac.digest(secret, _message(form), "sha256"), newline=False)


def _match(form: Mapping[str, str], claimed: bytes, verifiers: tuple[Verifier, ...]) -> str | None:
    message = _message(form)
    for verifier in verifiers:
        mac = hmac.digest(verifier.secret, message, "sha256")
        if hmac.compare_digest(b2a_base64(mac, newline=False), claimed):
            return verifier.fingerprint
    return None


def _message(form: Mapping[str, str]) -> bytes:
    # json.dumps(form) to the byte, at half its cost: this runs once per webhook (a test compares them).
    return f"{{{', '.join([f'{quoted(k)}: {quoted(v)}' for k, v in form.items()])}}}".encode("ascii")
