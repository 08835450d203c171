"""Bare aiohttp: verifies and stores nothing; the most that this server can do. `python -m … PORT`."""

import sys

import uvloop
from aiohttp import web

from app.bench.installation import VERIFIER
from app.freshbooks.form import parse
from app.freshbooks.signature import HEADER, Verifier, verify_form

_VERIFIERS = (Verifier.of(VERIFIER),)


async def receive(request: web.Request) -> web.Response:
    """Verify and answer."""
    form = parse(await request.read())
    if verify_form(form, request.headers[HEADER], _VERIFIERS) is None:
        return web.Response(status=401)
    return web.Response()


def main() -> None:
    """Serve until killed."""
    uvloop.install()
    site = web.Application()
    site.router.add_post("/webhooks/freshbooks/{callback}", receive)
    web.run_app(site, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
