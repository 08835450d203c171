"""aiohttp + aiokafka as in their manuals: verify, `send_and_wait`, answer. `python -m … PORT KAFKA`."""

import sys
from collections.abc import AsyncIterator

import orjson
import uvloop
from aiohttp import web
from aiokafka import AIOKafkaProducer

from app.bench.installation import VERIFIER
from app.freshbooks.form import parse
from app.freshbooks.signature import HEADER, Verifier, verify_form

TOPIC = "bench.naive"
_VERIFIERS = (Verifier.of(VERIFIER),)
_PRODUCER = web.AppKey("producer", AIOKafkaProducer)


async def receive(request: web.Request) -> web.Response:
    """Verify, keep, answer."""
    form = parse(await request.read())
    if verify_form(form, request.headers[HEADER], _VERIFIERS) is None:
        return web.Response(status=401)
    key = f"bench:client:{form['object_id']}".encode()
    await request.app[_PRODUCER].send_and_wait(TOPIC, orjson.dumps(form), key=key)
    return web.Response()


async def producing(site: web.Application) -> AsyncIterator[None]:
    """Hold a producer while the site lives: idempotent and acknowledged by all, as ours."""
    site[_PRODUCER] = AIOKafkaProducer(bootstrap_servers=sys.argv[2], acks="all", enable_idempotence=True)
    await site[_PRODUCER].start()
    yield
    await site[_PRODUCER].stop()


def main() -> None:
    """Serve until killed."""
    uvloop.install()
    site = web.Application()
    site.router.add_post("/webhooks/freshbooks/{callback}", receive)
    site.cleanup_ctx.append(producing)
    web.run_app(site, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
