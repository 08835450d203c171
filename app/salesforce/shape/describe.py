"""What an org's objects can hold, as far as writing to them needs it."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from streams.domain.command import OPTIONAL

TEXT: Final = frozenset({"string", "textarea", "phone"})
"""Types whose text may be cut; half an e-mail address or URL would be another one."""

WHOLE: Final = frozenset({"email", "url"})


WIDEST: Final = 2
"""Places of Salesforce's that one character may take (UTF-16)."""

NUMBERS: Final = frozenset({"currency", "double", "percent"})


SOLD_BY: Final = frozenset({"Product2", "PricebookEntry"})
"""What lines need besides, and what is only made: people change it."""


class Sort(StrEnum):
    """What kind of value a field takes, as a person calls it."""

    TEXT = "text"
    NUMBER = "a number"
    DATE = "a date, such as 2026-03-31"
    FLAG = "true or false"
    ANY = "anything"
    """Of other types, or of one that we do not know."""


SORTS: Final[Mapping[str, Sort]] = {
    **dict.fromkeys(TEXT | WHOLE | {"picklist", "combobox", "reference"}, Sort.TEXT),
    **dict.fromkeys(NUMBERS | {"int", "long"}, Sort.NUMBER),
    "date": Sort.DATE,
    "boolean": Sort.FLAG,
}
_DAY: Final = re.compile(r"\s*((\d{4}-\d\d-\d\d)(T.*)?)?\s*", re.ASCII)


def _tells_a_day(text: str) -> bool:
    if (found := _DAY.fullmatch(text)) is None:
        return False
    try:
        return not found[2] or bool(date.fromisoformat(found[2]))
    except ValueError:
        return False


WRITTEN: Final[Mapping[Sort, Callable[[str], object]]] = {
    Sort.NUMBER: re.compile(r"\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)?\s*", re.ASCII).fullmatch,
    Sort.DATE: _tells_a_day,
    Sort.FLAG: re.compile(r"\s*(true|false)?\s*", re.ASCII | re.IGNORECASE).fullmatch,
}
"""Text that some orgs take for a number, a date or a flag; what is none, no org takes."""


ISO_CODE: Final = "CurrencyIsoCode"
"""The field by which a row names its currency; only orgs with several have it."""
AMOUNT: Final = "Amount"
"""What an Opportunity is worth: the sum of its products, where it has some."""

UNLIMITED: Final = -1
"""Digits of a number of which the org says nothing, or nonsense."""


class Slot(NamedTuple):
    """A field that we may write."""

    column: str
    """The field itself; a relationship's slot names the reference field behind it."""
    length: int = 0
    """How many characters fit; 0 where length is no matter of ours."""
    cut: bool = False
    """Whether longer text is cut; otherwise it is left out."""
    nillable: bool = True
    whole: int = UNLIMITED
    """How many digits of a number fit before the point."""
    scale: int = 0
    """How many fit behind it."""
    values: frozenset[str] = frozenset()
    """What a restricted picklist has, in one case; empty where anything goes."""
    money: bool = False
    """Whether it holds an amount of the org's currency, or of the row's own where the org has several."""
    mail: bool = False
    """Whether only an e-mail address may stand in it."""
    easy: int = 0
    """Text of so many characters fits whatever they are: most do, and need no second look."""
    sort: Sort = Sort.ANY
    written: Callable[[str], object] | None = None
    """Tells whether text stands for a value of another sort."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one object of one org takes from us."""

    sobject: str
    slots: Mapping[str, Slot]
    """By field name and by relationship name."""
    keys: frozenset[str]
    """Fields by which rows can be upserted."""
    prefix: str = ""
    """How the ids of its records begin, where the org says so."""
    columns: frozenset[str] = frozenset()
    """Fields that we may read."""
    once: Mapping[str, Slot] = field(default_factory=dict)
    """What may be written, but only while a row is made."""
    barred: bool = False
    """Whether our user may not change rows of it, or not make those that are ours to make."""

    @property
    def for_new(self) -> "Shape":
        """The same object, as rows that are not there yet may be written."""
        return replace(self, slots={**self.slots, **self.once}) if self.once else self

    @property
    def many_currencies(self) -> bool:
        """Whether each row says what its amounts are of: in orgs with several currencies."""
        return ISO_CODE in self.slots


def shape_of(described: Mapping[str, Any]) -> Shape:
    """Return the shape that a describe answer states: only fields that exist and that we may write.

    An upsert may create or update, so a field must allow both, or be for rows that are known to be new;
    what is only found is never created.
    """
    made = described["name"] not in OPTIONAL
    fields = [it for it in described["fields"] if isinstance(it, dict) and "name" in it]
    slots = dict(slot for it in fields if _writable(it, made=made) for slot in _slots(it))
    once = dict(slot for it in fields if made and _only_new(it) for slot in _slots(it))
    keys = frozenset(it["name"] for it in fields if it.get("externalId") or it.get("idLookup"))
    prefix = described.get("keyPrefix")
    columns = frozenset(it["name"] for it in fields)
    needed = {"createable": made, "updateable": described["name"] not in SOLD_BY}
    barred = any(described.get(right) is False for right in needed if needed[right])
    its_prefix = prefix if isinstance(prefix, str) else ""
    return Shape(described["name"], slots, keys, its_prefix, columns, once, barred)


def _writable(field: Mapping[str, Any], *, made: bool) -> bool:
    return bool(field.get("createable") or not made) and bool(field.get("updateable"))


def _only_new(field: Mapping[str, Any]) -> bool:
    return bool(field.get("createable")) and not field.get("updateable")


def _slots(field: Mapping[str, Any]) -> Iterable[tuple[str, Slot]]:
    name, kind = field["name"], field.get("type")
    sort = SORTS.get(str(kind), Sort.ANY)
    length, values = _number(field, "length") if kind in TEXT | WHOLE else 0, _values(field)
    slot = Slot(
        column=name,
        length=length,
        cut=kind in TEXT,
        nillable=bool(field.get("nillable", True)),
        whole=_whole(field),
        scale=_number(field, "scale") if kind in NUMBERS else 0,
        values=values,
        money=kind == "currency",
        mail=kind == "email",
        easy=_easy(sort, length, picky=bool(values) or kind == "email"),
        sort=sort,
        written=WRITTEN.get(sort),
    )
    yield name, slot
    if relationship := field.get("relationshipName"):
        yield relationship, slot


def _easy(sort: Sort, length: int, *, picky: bool) -> int:
    if sort not in {Sort.TEXT, Sort.ANY}:
        return -1
    return 0 if picky else length // WIDEST if length else sys.maxsize


def _whole(field: Mapping[str, Any]) -> int:
    kind, precision = field.get("type"), _number(field, "precision")
    if kind == "int":
        return _number(field, "digits") or UNLIMITED
    if kind not in NUMBERS or not precision:
        return UNLIMITED
    return max(UNLIMITED, precision - _number(field, "scale"))


def _values(field: Mapping[str, Any]) -> frozenset[str]:
    """Return the values that a restricted picklist has in use; Salesforce does not mind their case."""
    if field.get("type") != "picklist" or not field.get("restrictedPicklist"):
        return frozenset()
    said = field.get("picklistValues")
    entries = [it for it in said if isinstance(it, dict)] if isinstance(said, list) else []
    return frozenset(str(it.get("value")).casefold() for it in entries if it.get("active", True))


def _number(field: Mapping[str, Any], name: str) -> int:
    """Return a figure of a field's description; one that is none, or nonsense, limits nothing."""
    said = field.get(name)
    return said if isinstance(said, int) and said > 0 else 0
