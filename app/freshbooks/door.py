"""The way out to FreshBooks: each call timed, bounded, paced, never redirected, refused without TLS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from app.freshbooks.bucket import Bucket
from app.freshbooks.refusal import refusal
from app.freshbooks.refused import API, Garbled, Unreadable
from app.freshbooks.wire.document import MAX_BYTES, Document, document, refuse
from app.process.fence import fenced
from streams.domain.errors import FreshforceError, Misconfigured, Unreachable

SOCKETS: Final = 1024
"""At eight questions a connection (lane.AT_ONCE), 128 of them may hang before others wait for a socket."""
TIMEOUT: Final = ClientTimeout(total=30, connect=10, sock_read=20)
Query = Iterable[tuple[str, str]]


def open_session(fence: Callable[[], object] = lambda: None) -> ClientSession:
    """Return a session for FreshBooks: no cookies, no proxies from the environment, TLS checked.

    `fence` is called right before each request goes out; it ends the process when the grants may be another
    worker's by now: a refresh token works once.
    """
    return ClientSession(
        timeout=TIMEOUT,
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        connector=TCPConnector(limit=SOCKETS),
        headers={"User-Agent": "freshforce", "Accept": "application/json"},
        trace_configs=[fenced(fence)],
    )


FRESHBOOKS: Final = ".freshbooks.com"
"""The domain under which only FreshBooks hands out hosts."""


def checked(url: str, *, allow_http: bool) -> str:
    """Return the vendor's base URL without a trailing slash.

    Secrets and tokens go there, so it must be a host of FreshBooks', by https; with `allow_http`, which
    is for sandboxes and tests, any host may stand in.

    Raises:
        Misconfigured: it is no such URL.
    """
    parts = urlsplit(url)
    theirs = parts.scheme == "https" and f".{parts.hostname or ''}".endswith(FRESHBOOKS)
    if theirs or (allow_http and parts.hostname and parts.scheme in {"http", "https"}):
        return url.rstrip("/")
    message = "a FreshBooks URL must be https://….freshbooks.com"
    raise Misconfigured(message, "set it right; FRESHFORCE_ALLOW_HTTP_VENDORS is for the sandbox", "bad-url")


@dataclass(frozen=True, slots=True)
class Door:
    """One base URL at one pace. The token is given per call, since it changes."""

    session: ClientSession
    url: str
    pace: Bucket = field(default_factory=lambda: Bucket(5.0))
    heard: Callable[[str], object] = lambda _: None
    """Told the `Date` of each answer."""

    async def call(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        query: Query = (),
        json: Document | None = None,
        form: dict[str, str] | None = None,
    ) -> Document:
        """Return FreshBooks' answer to one request, `{}` where it has no body.

        When a kept connection turns out to be closed, aiohttp itself repeats the request once, unless
        it is a POST. That is welcome: whatever else we send may be repeated.

        Raises:
            Transient: no answer, or one that may be another next time.
            Unauthorized: the token is dead.
            Permanent: the answer is no, or unreadable.
        """
        await self.pace.take()
        url = URL(self.url + path, encoded=False).with_query(tuple(query))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        try:
            request = self.session.request(
                method, url, headers=headers, json=json, data=form, allow_redirects=False
            )
            async with request as answer:
                self.heard(answer.headers.get("Date", ""))
                return _judged(answer, await _body(answer))
        except TimeoutError:
            raise Unreachable(API, "time-out") from None
        except (ClientError, OSError) as error:
            raise Unreachable(API, type(error).__name__) from None


async def _body(answer: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BYTES:
            answer.close()
            refuse(f"more than {MAX_BYTES} bytes")
    return bytes(body)


def _judged(answer: ClientResponse, body: bytes) -> Document:
    found: Document | None = None
    unread: FreshforceError | None = None
    try:
        found = document(body) if body or answer.method != "DELETE" else {}
    except (Garbled, Unreadable) as error:
        unread = error
    refused = refusal(answer.status, found, answer.headers.get("Retry-After", ""))
    if refused is not None:
        raise refused
    if unread is not None:
        raise unread
    return found or {}


def result(found: Document, *names: str) -> Any:
    """Return what stands in an answer's envelope under `names`.

    Raises:
        Unreadable: the envelope is another.
    """
    inner: Any = found
    for name in names:
        if not isinstance(inner, dict) or name not in inner:
            refuse(f"no {'.'.join(names)}")
        inner = inner[name]
    return inner
