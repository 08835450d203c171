"""Who may ask: every web page in a browser on this machine can reach loopback, so each request proves itself.

A page elsewhere can send forms here (cross-site requests) and can have its own name point here (DNS
rebinding). So only our own names are answered to, and what changes something must come from a page of ours.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from app.desk.files import how_long
from app.listening import reached
from streams.domain.audit import Verdict

COOKIE: Final = "freshforce-desk"
FIELD: Final = "csrf"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN: Final = ("/health/", "/metrics")
"""For machines: they change nothing, and a scraper calls us by whatever name it knows."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

TOKEN: Final = web.RequestKey("csrf", str)
"""What a form on the page that is being made must bring back."""


class Stale(web.HTTPForbidden):
    """A form that came from us and is from before a restart: somebody's forgotten tab, and no attack."""

    def __init__(self) -> None:
        super().__init__(text="This page is from before a restart: go back, load it again, and repeat.")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Guard:
    """Looks at every request before a page does."""

    listen: str
    key: bytes = field(repr=False)
    """Of this process; a page from before a restart is asked to be loaded again."""
    new_cookie: Callable[[], str]
    refused: Callable[[Verdict, str], object] = lambda *_: None
    """Told why a request was turned away."""

    def is_ours(self, host: str) -> bool:
        """Tell whether `host` (of a Host header, with or without port) is a name of ours."""
        name = urlsplit(f"//{host}").hostname or ""
        return name in LOOPBACK or name == urlsplit(reached(self.listen)).hostname

    def token(self, cookie: str) -> str:
        """Return what forms of the browser with this cookie bring back."""
        return hmac.digest(self.key, cookie.encode(), "sha256").hex()


def guarding(guard: Guard) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    """Return the middleware."""

    @web.middleware
    async def look(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(_OPEN):
            return await handler(request)
        cookie = request.cookies.get(COOKIE, "")
        try:
            await _check(guard, request, cookie)
        except (web.HTTPMisdirectedRequest, web.HTTPForbidden) as refused:
            verdict = Verdict.AUTH_FAILED if isinstance(refused, Stale) else Verdict.SECURITY
            guard.refused(verdict, refused.text or "")
            raise
        fresh = cookie or guard.new_cookie()
        request[TOKEN] = guard.token(fresh)
        answer = await handler(request)
        if not cookie:
            answer.set_cookie(COOKIE, fresh, httponly=True, samesite="Strict", path="/")
        return answer

    return look


async def _check(guard: Guard, request: web.Request, cookie: str) -> None:
    """Refuse what does not mean us, or what no page of ours has sent."""
    if not guard.is_ours(request.host):
        raise web.HTTPMisdirectedRequest(text="Freshforce does not answer to this name.")
    if request.method in {"GET", "HEAD"}:
        return
    origin = request.headers.get("Origin", "")
    if (
        urlsplit(origin).netloc != request.host
        or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    ):
        raise web.HTTPForbidden(text="This request does not come from a page of Freshforce.")
    sent = str((await request.post()).get(FIELD, ""))
    if not cookie or not hmac.compare_digest(sent.encode(), guard.token(cookie).encode()):
        raise Stale


async def armour(request: web.Request, answer: web.StreamResponse) -> None:
    """Tell the browser to load nothing foreign, run nothing inline, frame nothing, keep no page."""
    answer.headers.pop("Server", None)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", how_long(request.path_qs))
