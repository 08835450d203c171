"""Log in with client credentials on the org's My Domain host (facts: Salesforce, section 1)."""

import re
from asyncio import Lock
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlencode

import structlog

from app.log_ins import LogIns
from app.salesforce.answers.refusals import of_login
from app.salesforce.wire.address import instance, org_origin
from app.salesforce.wire.wire import API, Request, Send
from streams.domain.errors import FreshforceError, Misconfigured, Unreachable
from streams.domain.identity import ConnectionName
from streams.ports import Settings

log: Final = structlog.get_logger(__name__)

ANSWER_LIMIT: Final = 64 * 1024
"""Bytes; a token may be longer than 2 kB."""


class Credentials(Protocol):
    """Where a connection's client id and secret come from; the vault fits."""

    async def salesforce(self, connection: ConnectionName, address: str) -> tuple[str, str]:
        """Return the client id and the client secret, for a log-in at `address`.

        Raises:
            Misconfigured: the connection has no Salesforce grant for there, or it cannot be opened.
        """
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A token and the host that takes it. It has no end that could be known: only a 401 tells."""

    token: str = field(repr=False)
    instance: str
    domain: str
    """The host that it was asked from."""
    user: str = field(default="", compare=False)
    """The id of the run-as user, where the answer told it."""
    org: str = field(default="", compare=False)
    """The id of the org, 15 characters of it, where the answer told it: addresses may change."""


async def log_in(send: Send, domain: str, client: tuple[str, str], *, allow_http: bool = False) -> Session:
    """Return a new session of the app's run-as user.

    Raises:
        Misconfigured: the org refuses the log-in; its mend says what to set where.
        Unreachable: no usable answer; try again later.
    """
    host = org_origin(domain, allow_http=allow_http)
    client_id, secret = client
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = urlencode(form).encode()
    reply = await send(Request("POST", f"{host}/services/oauth2/token", headers, body, ANSWER_LIMIT))
    if not reply.ok:
        raise of_login(reply).error()
    match reply.json():
        case {"access_token": str(token), "instance_url": str(url), **more}:
            org, user = _identity(more.get("id"))
            return Session(token, instance(url, host, allow_http=allow_http), domain, user, org)
        case _:
            raise Unreachable(API, "a log-in answer without token and instance")


async def revoke(send: Send, session: Session) -> None:
    """End a session at once.

    Raises:
        Unreachable: no answer; it ends by itself, when the org's time-out has passed.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"token": session.token}).encode()
    await send(Request("POST", f"{session.instance}/services/oauth2/revoke", headers, body, ANSWER_LIMIT))


def _identity(address: object) -> tuple[str, str]:
    """Return the org and the user that an identity address names: .../id/{organization}/{user}."""
    found = _IDENTITY.search(address) if isinstance(address, str) else None
    return (found[1], found[2]) if found else ("", "")


_IDENTITY: Final = re.compile(r"/id/(00D\w{12})\w{0,3}/(005\w{12,15})$")


Told = Callable[[ConnectionName, Session | FreshforceError], object]
"""Told of each log-in: the session, or why there is none."""


def untold(_connection: ConnectionName, _outcome: Session | FreshforceError) -> None:
    """Let the log-in pass by."""


class Door:
    """One org's session, kept in memory and shared by all who call that org."""

    def __init__(  # noqa: PLR0913 - what a log-in needs, and who is told of it
        self,
        connection: ConnectionName,
        settings: Settings,
        credentials: Credentials,
        send: Send,
        *,
        allow_http: bool = False,
        told: Told = untold,
        log_ins: LogIns,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._credentials = credentials
        self._send = send
        self._allow_http = allow_http
        self._told = told
        self._log_ins = log_ins
        self._session: Session | None = None
        self._one_at_a_time = Lock()

    async def session(self) -> Session:
        """Return the session, after a log-in when there is none for the connection's present domain."""
        if self._session is None or self._session.domain != self._domain():
            return await self.renew(self._session)
        return self._session

    async def renew(self, failed: Session | None) -> Session:
        """Return a session other than `failed`: whoever comes first logs in, the others get the same.

        Raises:
            Misconfigured, Unreachable: as `log_in`.
        """
        async with self._one_at_a_time:
            if self._session is None or self._session is failed:
                self._session = None
                self._session = await self._log_in()
            return self._session

    async def end(self) -> None:
        """Revoke the session; one that cannot be revoked ends by itself, after the org's time-out."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            await revoke(self._send, session)
        except Unreachable as away:
            log.warning("salesforce-session-left", connection=self._connection, why=str(away))

    async def _log_in(self) -> Session:
        domain = self._domain()
        client = await self._credentials.salesforce(self._connection, domain)
        try:
            self._log_ins.count(self._connection)
            session = await log_in(self._send, domain, client, allow_http=self._allow_http)
        except (Misconfigured, Unreachable) as refused:
            self._told(self._connection, refused)
            raise
        self._told(self._connection, session)
        log.info("salesforce-logged-in", connection=self._connection, instance=session.instance)
        return session

    def _domain(self) -> str:
        try:
            domain = self._settings[self._connection].salesforce_domain
        except KeyError:
            domain = ""
        if not domain:
            message = f"connection {self._connection} has no Salesforce org"
            raise Misconfigured(message, f"freshforce connect salesforce {self._connection} --domain …")
        return domain
