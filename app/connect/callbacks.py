"""Which callbacks a connection should have, and how they stand: pure, from what is here and at FreshBooks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.freshbooks.callbacks import Registered
from app.freshbooks.handshake import GRACE
from app.vault.grants import Callback, WebhooksGrant
from streams.domain.identity import ObjectKind

NOUNS: Final = tuple(kind.value for kind in ObjectKind)
PATH: Final = 16
"""Random bytes of a path: nobody guesses 128 bits."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One callback as we and FreshBooks have it."""

    event: str
    uri: str
    callback_id: int | None
    verified: bool
    """We hold its verifier, confirmed by FreshBooks."""
    at_freshbooks: str
    """`verified`, `unverified` or `missing`."""

    @property
    def well(self) -> bool:
        """Tell whether webhooks for it arrive and can be checked."""
        return self.verified and self.at_freshbooks == "verified"

    @property
    def trouble(self) -> str:
        """Say what is wrong with it; empty when nothing is."""
        if self.at_freshbooks != "verified":
            return f"{self.at_freshbooks} at FreshBooks"
        return "" if self.verified else "without a verifier here"


def standing(ours: Callback, theirs: Iterable[Registered]) -> Standing:
    """Return how `ours` stands."""
    found = copies(ours, theirs)
    at_freshbooks = "missing" if not found else "verified" if found[0].verified else "unverified"
    callback_id = found[0].id if found else ours.callback_id
    return Standing(ours.event, ours.uri, callback_id, ours.verified, at_freshbooks)


def copies(ours: Callback, theirs: Iterable[Registered]) -> tuple[Registered, ...]:
    """Return FreshBooks' callbacks for `ours`, the one we know first, then the oldest."""
    same = [each for each in theirs if each.uri == ours.uri and each.event == ours.event]
    return tuple(sorted(same, key=lambda each: (each.id != ours.callback_id, each.id)))


def going(ours: WebhooksGrant, theirs: Iterable[Registered]) -> tuple[Standing, ...]:
    """Return what a removal takes away: our callbacks, and former ones that FreshBooks has (again)."""
    there = [*theirs]
    former = (standing(each, there) for each in ours.former)
    return (
        *(standing(each, there) for each in ours.callbacks),
        *(each for each in former if each.at_freshbooks != "missing"),
    )


def gone(ours: WebhooksGrant) -> WebhooksGrant:
    """Return what is kept of callbacks that are removed."""
    former = tuple(Callback(path=it.path, event=it.event, uri=it.uri) for it in ours.callbacks)
    return WebhooksGrant(former=former)


def next_grant(
    before: WebhooksGrant,
    theirs: Iterable[Registered],
    base: str,
    new_path: Callable[[], str],
    now: datetime,
) -> WebhooksGrant:
    """Return the callbacks as they should be under the public URL `base`, one per noun.

    One that FreshBooks has lost keeps its path but not its number: the new one's handshake must be let
    in. One that FreshBooks calls unverified is so for us, too. The verifier of either counts on for its
    grace: what FreshBooks has signed with it may still be on its way.
    """
    there = {each.id: each.verified for each in theirs}
    kept = [
        _found_again(each, there, now) for each in before.callbacks if each.uri == uri_of(base, each.path)
    ]
    known = {each.event for each in kept}
    return WebhooksGrant(callbacks=(*kept, *(_new(base, new_path(), n) for n in NOUNS if n not in known)))


def uri_of(base: str, path: str) -> str:
    """Return the address at which webhooks for `path` arrive."""
    return f"{base.rstrip('/')}/webhooks/freshbooks/{path}"


def public_url_of(callback: Callback) -> str:
    """Return the public URL under which `callback` was registered."""
    return callback.uri.removesuffix(f"/webhooks/freshbooks/{callback.path}")


def _found_again(callback: Callback, there: dict[int, bool], now: datetime) -> Callback:
    if callback.callback_id is None or there.get(callback.callback_id, False):
        return callback
    number = callback.callback_id if callback.callback_id in there else None
    update: dict[str, object] = {"callback_id": number, "verified": False}
    if callback.verified and callback.verifier is not None:
        update |= {"previous": callback.verifier, "previous_until": now + GRACE}
    return callback.model_copy(update=update)


def _new(base: str, path: str, noun: str) -> Callback:
    return Callback(path=path, event=noun, uri=uri_of(base, path))
