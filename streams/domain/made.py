"""Values made of parts that are checked already: where a hundred microseconds per record count."""

from functools import cache
from typing import Any, TypeVar

from streams.domain.message import Value

V = TypeVar("V", bound=Value)


def made(kind: type[V], **parts: Any) -> V:
    """Return a value without checking its parts again; only for parts that our own types vouch for.

    What pydantic's `model_construct` does, at a fifth of its price. A part left out has its default.
    """
    value = kind.__new__(kind)
    set_on = object.__setattr__
    set_on(value, "__dict__", _defaults(kind) | parts)
    set_on(value, "__pydantic_fields_set__", set(parts))
    set_on(value, "__pydantic_extra__", None)
    set_on(value, "__pydantic_private__", None)
    return value


@cache
def _defaults(kind: type[Value]) -> dict[str, Any]:
    """Return the defaults in the order of the fields; those that are made anew each time have to be given."""
    fields = kind.model_fields.items()
    return {name: None if it.default_factory else it.default for name, it in fields}
