"""What may come instead of an answer of Salesforce, though all it asked for took effect."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from app.salesforce.wire.wire import Reply
from tests.builders.salesforce import a_reply

PAGE: Final = "<html><head><title>Log in</title></head><body>Your network asks who you are.</body></html>"
WAYS: Final = ("empty", "cut", "page", "short", "malformed", "reordered")


def garbled(reply: Reply) -> Mapping[str, Reply]:
    """Return what may come in the place of `reply` that is no JSON at all."""
    half = len(reply.body) // 2
    return {
        "empty": replace(reply, body=b""),
        "cut": replace(reply, body=reply.body[:half]),
        "page": a_reply(200, page=PAGE),
    }


def muddled(reply: Reply) -> Mapping[str, Reply]:
    """Return what may come in the place of the results of rows that does not add up; else nothing."""
    if not (results := _results(reply)):
        return {}
    *others, last = results
    ways = {"short": others, "malformed": [*others, {"success": last["success"]}]}
    if len(results) > 1 and all(it["success"] for it in results):
        ways["reordered"] = results[::-1]
    return {way: a_reply(reply.status, said) for way, said in ways.items()}


def _results(reply: Reply) -> list[dict[str, Any]]:
    said = orjson.loads(reply.body or b"null")
    return said if isinstance(said, list) and all("success" in it for it in said) else []
