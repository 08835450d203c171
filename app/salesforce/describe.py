"""What an org's objects can hold, as far as writing to them needs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

TEXT: Final = frozenset({"string", "textarea", "phone"})
"""Types whose text may be cut; half an e-mail address or URL would be another one."""

WHOLE: Final = frozenset({"email", "url"})


class Slot(NamedTuple):
    """A field that we may write."""

    column: str
    """The field itself; a relationship's slot names the reference field behind it."""
    length: int
    """How many characters fit; 0 where length is no matter of ours."""
    cut: bool
    """Whether longer text is cut; otherwise it is left out."""
    nillable: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What one object of one org takes from us."""

    sobject: str
    slots: Mapping[str, Slot]
    """By field name and by relationship name."""
    keys: frozenset[str]
    """Fields by which rows can be upserted."""


def shape_of(described: Mapping[str, Any]) -> Shape:
    """Return the shape that a describe answer states: only fields that exist and that we may write.

    An upsert may create or update, so a field must allow both.
    """
    fields = [field for field in described["fields"] if isinstance(field, dict) and "name" in field]
    slots = dict(slot for field in fields if _writable(field) for slot in _slots(field))
    keys = frozenset(field["name"] for field in fields if field.get("externalId") or field.get("idLookup"))
    return Shape(described["name"], slots, keys)


def _writable(field: Mapping[str, Any]) -> bool:
    return bool(field.get("createable")) and bool(field.get("updateable"))


def _slots(field: Mapping[str, Any]) -> Iterable[tuple[str, Slot]]:
    name, kind = field["name"], field.get("type")
    length = int(field.get("length") or 0) if kind in TEXT | WHOLE else 0
    slot = Slot(name, length, kind in TEXT, bool(field.get("nillable", True)))
    yield name, slot
    if relationship := field.get("relationshipName"):
        yield relationship, slot
