"""Callbacks: who wants to hear of which event, and whether it proved that it reads its mail."""

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from app.sandbox.clock import MovableClock
from app.sandbox.freshbooks.events import EVENTS
from app.sandbox.freshbooks.moments import eastern, iso_z
from app.sandbox.freshbooks.refusals import Refusal
from app.sandbox.freshbooks.switches import Switches

UNPROCESSABLE = "The request was well-formed but was unable to be followed due to semantic errors."
BAD_EVENT = "event: Value error, Unrecognized event."
BAD_URI = "uri: Input should be a valid URL, relative URL without a base"
BAD_VERIFIER = "verifier: Value error, Verifier does not match."


@dataclass(frozen=True, slots=True)
class Callback:
    """One event (or every event of a noun), sent to one URI, signed with its own verifier."""

    id: int
    event: str
    uri: str
    verifier: str
    verified: bool
    updated: datetime

    def wants(self, noun: str, verb: str) -> bool:
        """Tell whether the event `noun.verb` is for this callback."""
        return self.verified and self.event in {noun, f"{noun}.{verb}"}


class Callbacks:
    """The registered callbacks. `new_verifier` makes a code of 31 to 34 letters and digits."""

    def __init__(self, clock: MovableClock, switches: Switches, new_verifier: Callable[[], str]) -> None:
        self._clock = clock
        self._switches = switches
        self._new_verifier = new_verifier
        self._callbacks: dict[int, Callback] = {}
        self._next_id = 778_001

    def register(self, body: Mapping[str, Any]) -> Callback:
        """Add a callback, unverified. Raises: Refusal (400, errno 422) for an unknown event or a bad URI."""
        event, uri = str(body.get("event", "")), str(body.get("uri", ""))
        self._check(event, uri)
        self._next_id += 1
        return self._keep(
            Callback(self._next_id - 1, event, uri, self._new_verifier(), verified=False, updated=self._now())
        )

    def get(self, callback_id: int) -> Callback:
        """Return a callback. Raises: Refusal(404)."""
        if callback_id not in self._callbacks:
            raise Refusal(HTTPStatus.NOT_FOUND, 404, "Requested resource could not be found.")
        return self._callbacks[callback_id]

    def all(self, event: str | None = None) -> list[Callback]:
        """Return the callbacks, newest first; for `event` those that hear it, by name or by noun."""
        names = {event, event.partition(".")[0]} if event else None
        found = [one for one in self._callbacks.values() if names is None or one.event in names]
        return found[::-1]

    def listening(self, noun: str, verb: str) -> list[Callback]:
        """Return the verified callbacks that an event goes to."""
        return [callback for callback in self._callbacks.values() if callback.wants(noun, verb)]

    def verify(self, callback_id: int, verifier: str) -> Callback:
        """Make a callback active. Raises: Refusal (400) for a code that was not its own."""
        callback = self.get(callback_id)
        if not hmac.compare_digest(callback.verifier.encode(), verifier.encode()):
            raise Refusal(HTTPStatus.BAD_REQUEST, 422, UNPROCESSABLE, details=(BAD_VERIFIER,))
        return self._keep(replace(callback, verified=True, updated=self._now()))

    def renewed(self, callback_id: int) -> Callback:
        """Return the callback whose code is to be sent again, with a new code if the switch says so."""
        callback = self.get(callback_id)
        if not self._switches.resend_changes_verifier:
            return callback
        return self._keep(replace(callback, verifier=self._new_verifier(), verified=False))

    def change(self, callback_id: int, body: Mapping[str, Any]) -> Callback:
        """Change event or URI. Raises: Refusal as at registration."""
        before = self.get(callback_id)
        event, uri = str(body.get("event", before.event)), str(body.get("uri", before.uri))
        self._check(event, uri)
        stays = uri == before.uri or not self._switches.uri_change_unverifies
        after = replace(before, event=event, uri=uri, verified=before.verified and stays)
        return self._keep(replace(after, updated=self._now()))

    def remove(self, callback_id: int) -> None:
        """Delete a callback. Raises: Refusal(404)."""
        del self._callbacks[self.get(callback_id).id]

    def shown(self, callback: Callback) -> dict[str, Any]:
        """Return a callback's JSON: never its verifier."""
        eastern_times = self._switches.callback_times_eastern
        return {
            self._switches.callback_id_key: callback.id,
            "verified": callback.verified,
            "uri": callback.uri,
            "event": callback.event,
            "updated_at": eastern(callback.updated) if eastern_times else iso_z(callback.updated),
        }

    def _check(self, event: str, uri: str) -> None:
        schemes: Collection[str] = {"https"} if self._switches.https_callbacks_only else {"http", "https"}
        wrong = [BAD_EVENT] * (event not in EVENTS)
        wrong += [BAD_URI] * (not _is_address(uri, schemes))
        if wrong:
            raise Refusal(HTTPStatus.BAD_REQUEST, 422, UNPROCESSABLE, details=tuple(wrong))

    def _keep(self, callback: Callback) -> Callback:
        self._callbacks[callback.id] = callback
        return callback

    def _now(self) -> datetime:
        return self._clock.now()


def _is_address(uri: str, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc)
