"""Bytes of a topic to the value they hold."""

from collections.abc import Callable
from functools import partial

import orjson

from streams.codec import decode
from streams.domain.errors import Undecodable
from streams.domain.message import Value
from streams.topics import Topic

Read = Callable[[bytes | None], Value]


def reader(topic: Topic) -> Read:
    """Return what decodes the values of `topic`; where several kinds share it, their tag decides.

    It raises `Undecodable` for bytes that are none of them.
    """
    if len(topic.values) == 1:
        return partial(decode, topic.values[0])
    return partial(_tagged, {value.model_fields["kind"].default: value for value in topic.values})


def _tagged(kinds: dict[str, type[Value]], raw: bytes | None) -> Value:
    try:
        kind = orjson.loads(raw or b"")["kind"]
        chosen = kinds[kind]
    except (ValueError, LookupError, TypeError):
        message = f"none of {', '.join(kinds)}"
        raise Undecodable(message) from None
    return decode(chosen, raw)
