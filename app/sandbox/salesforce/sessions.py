"""Access tokens: opaque, alive as long as they are used, dead when revoked or left alone too long."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from app.sandbox.salesforce.refusal import Code, Problem, Refusal

TOKEN_LENGTH = 96


@dataclass(slots=True)
class Session:
    """One token's life."""

    user_id: str
    began: datetime
    ends: datetime


class Sessions:
    """The tokens given by one org; each use moves a token's end (`lifetime`)."""

    def __init__(self, now: Callable[[], datetime], organization: str, user_id: str, seed: int) -> None:
        self._now = now
        self._organization = organization
        self._user_id = user_id
        self._seed = seed
        self._live: dict[str, Session] = {}
        self.given = 0
        self.lifetime = timedelta(hours=2)

    def open(self) -> str:
        """Give a new token."""
        self.given += 1
        now = self._now()
        token = self._token(self.given)
        self._live[token] = Session(self._user_id, now, now + self.lifetime)
        return token

    def use(self, authorization: str) -> Session:
        """Return the session of an Authorization header and prolong it.

        Raises:
            Refusal: none, unknown, over or revoked (INVALID_SESSION_ID).
        """
        scheme, _, token = authorization.partition(" ")
        session = self.peek(token) if scheme in {"Bearer", "OAuth"} else None
        if session is None:
            problem = Problem(Code.INVALID_SESSION_ID, "Session expired or invalid")
            raise Refusal(problem, status=HTTPStatus.UNAUTHORIZED, whole=True)
        session.ends = self._now() + self.lifetime
        return session

    def peek(self, token: str) -> Session | None:
        """Return a live session without prolonging it."""
        session = self._live.get(token)
        if session is not None and session.ends <= self._now():
            del self._live[token]
            return None
        return session

    def revoke(self, token: str | None = None) -> int:
        """End one session, or all; return how many there were."""
        ended = [token] if token in self._live else [] if token is not None else list(self._live)
        for each in ended:
            del self._live[each]
        return len(ended)

    def _token(self, number: int) -> str:
        digest = sha256(f"{self._seed}:{self._organization}:{number}".encode()).hexdigest()
        return f"{self._organization[:15]}!{(digest * 2)[:TOKEN_LENGTH]}"
