"""What a delivery is: pure, from the form, the signature, the callback it came to and the moment.

Events name an object only; whatever FreshBooks signs with the callback's own verifier counts (facts:
FreshBooks, 1.3 and 1.5). The order received is tried first, then sorted names, so a body whose
fields were put in another order verifies only when FreshBooks had signed them sorted.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple

from app.freshbooks.form import Form
from app.freshbooks.signature import verify_form
from app.ingress.callbacks import Callback
from streams.domain.audit import Verdict
from streams.domain.identity import ObjectKind

HANDSHAKE: Final = "callback.verify"
KINDS: Final = {kind.value: kind for kind in ObjectKind}
_ID: Final = re.compile(r"[1-9][0-9]{0,18}")
_ACTION: Final = re.compile(r"[A-Za-z_]{1,40}")
_VERIFIER: Final = re.compile(r"[!-~]{16,128}")


class Genuine(NamedTuple):
    """FreshBooks says that an object of ours changed."""

    kind: ObjectKind
    object_id: int
    action: str
    verifier: str
    """Fingerprint of the verifier that signed."""


class Offered(NamedTuple):
    """Somebody offers a verifier for this callback; only FreshBooks' API can say who."""

    verifier: str
    callback_id: int


class Ignored(NamedTuple):
    """Signed, and nothing that we carry: acknowledged, so that the sender stops."""

    rule: str


class Refused(NamedTuple):
    """Not to be believed: the status to answer, and what the audit says of it."""

    status: int
    verdict: Verdict
    rule: str


Judgement = Genuine | Offered | Ignored | Refused

UNSIGNED: Final = Refused(401, Verdict.AUTH_FAILED, "no signature")
FORGED: Final = Refused(401, Verdict.AUTH_FAILED, "no verifier of this callback made the signature")
FOREIGN: Final = Refused(403, Verdict.SECURITY, "validly signed, for an account that is not the callback's")
IMPOSSIBLE: Final = Refused(400, Verdict.REJECTED, "validly signed, with an impossible object id")
NAMELESS: Final = Refused(400, Verdict.REJECTED, "validly signed, without an event name")
STRANGER: Final = Refused(404, Verdict.SECURITY, "a handshake for another callback's number")
EMPTY: Final = Refused(404, Verdict.SECURITY, "a handshake without a usable verifier")


def judge(callback: Callback, form: Form, signature: str | None, moment: datetime) -> Judgement:
    """Say what the delivery is and why."""
    if form.get("name") == HANDSHAKE:
        return _handshake(callback, form)
    if signature is None:
        return UNSIGNED
    signer = verify_form(form, signature, callback.valid(moment))
    if signer is None:
        return _forged(callback, form, signature, moment)
    if callback.account is None or form.get("account_id", callback.account) != callback.account:
        return FOREIGN
    return _event(callback, form, signer)


def _forged(callback: Callback, form: Form, signature: str, moment: datetime) -> Refused:
    late = verify_form(form, signature, callback.retired(moment))
    if late is None:
        return FORGED
    return Refused(401, Verdict.AUTH_FAILED, f"signed with the retired verifier {late}")


def _event(callback: Callback, form: Form, signer: str) -> Judgement:
    noun, _, action = form.get("name", "").partition(".")
    if not noun:
        return NAMELESS
    kind = KINDS.get(noun)
    if kind is None or not _ACTION.fullmatch(action):
        return Ignored("no event that we carry")
    if noun != callback.noun:
        return Ignored("not what the callback was registered for")
    object_id = _object_id(form)
    return IMPOSSIBLE if object_id is None else Genuine(kind, object_id, action, signer)


def _handshake(callback: Callback, form: Form) -> Judgement:
    """Handshakes need no signature: they bring the secret that would make it (facts: FreshBooks, 1.2)."""
    callback_id = _object_id(form)
    if callback_id is None or callback.callback_id not in {None, callback_id}:
        return STRANGER
    verifier = form.get("verifier", "")
    return Offered(verifier, callback_id) if _VERIFIER.fullmatch(verifier) else EMPTY


def _object_id(form: Form) -> int | None:
    """Return the object id, or None for one that FreshBooks cannot mean: zero, signs, blanks, 2^63 and up."""
    text = form.get("object_id", "")
    number = int(text) if _ID.fullmatch(text) else 0
    return number if 0 < number < 2**63 else None
