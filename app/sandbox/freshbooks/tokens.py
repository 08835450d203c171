"""Codes and tokens: a code lives 5 minutes, an access token 12 hours, a refresh token until it is used."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from app.sandbox.clock import MovableClock
from app.sandbox.freshbooks.account import Account, Application
from app.sandbox.freshbooks.switches import Switches

CODE_LIVES = timedelta(minutes=5)
ACCESS_LIVES = timedelta(hours=12)


@dataclass(eq=False)
class AuthRefusal(Exception):
    """OAuth's no: status, `error`, `error_description`."""

    status: int
    error: str
    description: str


INVALID_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used "
    "in the authorization request, or was issued to another client."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed: who may act, with which scopes, told to which URI."""

    redirect_uri: str
    scopes: tuple[str, ...]
    given_at: datetime
    challenge: str = ""
    """The PKCE challenge (S256) that came with the question; empty: none."""

    def is_met_by(self, verifier: str) -> bool:
        """Tell whether `verifier` answers the challenge (RFC 7636, 4.6)."""
        answer = _b64(sha256(verifier.encode()).digest())
        return not self.challenge or hmac.compare_digest(answer.encode(), self.challenge.encode())


@dataclass(frozen=True, slots=True)
class Access:
    """An access token's life."""

    consent: Consent
    expires_at: datetime


class Tokens:
    """Every code and token given out; all are derived from the seed and a count, so a run can be repeated."""

    def __init__(
        self, application: Application, account: Account, clock: MovableClock, switches: Switches, seed: int
    ) -> None:
        self._application = application
        self._account = account
        self._clock = clock
        self._switches = switches
        self._seed = seed
        self._given = 0
        self.refreshed = 0
        """How often a refresh token was exchanged."""
        self._codes: dict[str, Consent] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Consent] = {}
        self._heirs: dict[str, str] = {}
        """What a refresh token was exchanged for."""

    def consent(self, redirect_uri: str, scopes: tuple[str, ...], challenge: str = "") -> str:
        """Note that the owner allowed the application; return the code."""
        if self._switches.second_consent_kills_first:
            self._refresh.clear()
        code = self._secret("code")
        self._codes[code] = Consent(redirect_uri, scopes, self._clock.now(), challenge)
        return code

    def for_code(self, code: str, redirect_uri: str, verifier: str = "") -> dict[str, Any]:
        """Exchange a code, once and in time, for tokens. Raises: AuthRefusal(invalid_grant)."""
        consent = self._codes.pop(code, None)
        if consent is None or consent.redirect_uri != redirect_uri:
            raise AuthRefusal(400, "invalid_grant", INVALID_GRANT)
        late = self._clock.now() - consent.given_at > CODE_LIVES
        if late or (self._switches.pkce_checked and not consent.is_met_by(verifier)):
            raise AuthRefusal(400, "invalid_grant", INVALID_GRANT)
        return self._pair(consent, self._clock.now())

    def for_refresh(self, refresh_token: str, redirect_uri: str) -> dict[str, Any]:
        """Exchange a refresh token, which dies of it, for a new pair. Raises: AuthRefusal(invalid_grant)."""
        consent = self._refresh.get(refresh_token)
        if consent is None or consent.redirect_uri != redirect_uri:
            raise AuthRefusal(400, "invalid_grant", INVALID_GRANT)
        self._retire(refresh_token)
        keeps = self._switches.refresh_keeps_created_at
        pair = self._pair(consent, consent.given_at if keeps else self._clock.now())
        self.refreshed += 1
        self._heirs[refresh_token] = pair["refresh_token"]
        return pair

    def takes(self, refresh_token: str) -> bool:
        """Tell whether a refresh token could be exchanged now."""
        return refresh_token in self._refresh

    def _retire(self, refresh_token: str) -> None:
        """End what the use of a token ends: itself, or where we forgive, its parent and an unused pair."""
        if not self._switches.refresh_forgives:
            del self._refresh[refresh_token]
            return
        for parent in [old for old, new in self._heirs.items() if new == refresh_token]:
            self._refresh.pop(parent, None)
            del self._heirs[parent]
        self._refresh.pop(self._heirs.get(refresh_token, ""), None)

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """Return what a living access token may do, or None when it is dead or never was."""
        access = self._access.get(access_token)
        if access is None or self._clock.now() >= access.expires_at:
            return None
        return frozenset(access.consent.scopes)

    def revoke(self, token: str) -> None:
        """End a token at once; an unknown one is no error."""
        self._access.pop(token, None)
        self._refresh.pop(token, None)

    def expire_access(self) -> int:
        """End every access token, as if twelve hours had passed; return how many there were."""
        count = len(self._access)
        self._access.clear()
        return count

    def revoke_all(self) -> None:
        """End everything: only a new consent helps."""
        self.expire_access()
        self._refresh.clear()
        self._codes.clear()

    def _pair(self, consent: Consent, created: datetime) -> dict[str, Any]:
        access, refresh = self._jwt(consent), self._secret("refresh")
        self._access[access] = Access(consent, self._clock.now() + ACCESS_LIVES)
        self._refresh[refresh] = consent
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "refresh_token": refresh,
            "scope": " ".join(consent.scopes),
            "created_at": int(created.timestamp()),
            "direct_buy_tokens": {},
        }

    def _secret(self, kind: str) -> str:
        """Return the next unguessable-looking 64 hex digits."""
        self._given += 1
        return sha256(f"{self._seed}/{kind}/{self._given}".encode()).hexdigest()

    def _jwt(self, consent: Consent) -> str:
        """Return an access token that looks like FreshBooks': a signed JWT of about 1 kB."""
        claims = {
            "jti": self._secret("jti"),
            "iat": int(self._clock.now().timestamp()),
            "exp": int((self._clock.now() + ACCESS_LIVES).timestamp()),
            "aud": self._application.client_id,
            "identity_uuid": self._account.identity_uuid,
            "scopes": consent.scopes,
        }
        signed = f"{_b64(orjson.dumps({'alg': 'HS256', 'typ': 'JWT'}))}.{_b64(orjson.dumps(claims))}"
        return f"{signed}.{_b64(hmac.digest(str(self._seed).encode(), signed.encode(), 'sha256'))}"


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
