"""Values to bytes and back: one pass out, strict in; money stays text.

Out goes through pydantic's own serializer, which writes JSON straight from the model; through
orjson the same value would be walked twice. Key order is the models', so equal values are equal bytes.
"""

from typing import Final, TypeVar

from pydantic import ValidationError

from streams.domain.errors import Undecodable
from streams.domain.message import Value
from streams.topics import TOPICS, Topic

V = TypeVar("V", bound=Value)

_TOPIC_OF: Final = {value: topic for topic in TOPICS for value in topic.values}


def encode(value: Value) -> bytes:
    """Return the JSON bytes of `value`."""
    return value.__pydantic_serializer__.to_json(value)


def decode(value: type[V], raw: bytes | None) -> V:
    """Return the value that `raw` holds.

    Raises:
        Undecodable: `raw` is not such a value; the message names the fields, never their contents.
    """
    if raw is None:
        message = f"a tombstone is no {value.__name__}"
        raise Undecodable(message)
    try:
        return value.__pydantic_validator__.validate_json(raw)  # type: ignore[no-any-return]
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['type']}"
            for e in error.errors(include_input=False, include_url=False)[:5]
        )
        message = f"not a valid {value.__name__} ({wrong})"
        raise Undecodable(message) from None


def readable(value: type[V], raw: bytes | None) -> V | None:
    """Return the value that `raw` holds; None when it holds none."""
    try:
        return decode(value, raw)
    except Undecodable:
        return None


def topic_of(value: Value) -> Topic:
    """Return the topic that carries values of this type."""
    return _TOPIC_OF[type(value)]
