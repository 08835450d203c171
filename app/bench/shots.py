"""Webhooks made and signed beforehand, so that sending them costs the load generator next to nothing."""

from collections.abc import Sequence
from urllib.parse import urlencode

from app.freshbooks.signature import HEADER, sign

_HEAD = (
    "POST /webhooks/freshbooks/{path} HTTP/1.1\r\n"
    "Host: hooks.example.com\r\n"
    "User-Agent: FreshHooks/0.4 (http://developers.freshbooks.com/api/webhooks)\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "{header}: {signature}\r\n"
    "Content-Length: {length}\r\n\r\n"
)


def shots(count: int, paths: Sequence[str], verifier: str, account: str) -> tuple[bytes, ...]:
    """Return `count` requests, each for a client of its own, in the shape of FreshBooks' recorded webhook."""
    return tuple(_shot(n, paths[n % len(paths)], verifier.encode(), account) for n in range(1, count + 1))


def _shot(number: int, path: str, verifier: bytes, account: str) -> bytes:
    form = {
        "name": "client.update",
        "object_id": str(number),
        "user_id": "1",
        "identity_id": "14051539",
        "business_id": "14393743",
        "account_id": account,
    }
    body = urlencode(form)
    head = _HEAD.format(path=path, header=HEADER, signature=sign(form, verifier).decode(), length=len(body))
    return head.encode() + body.encode()
