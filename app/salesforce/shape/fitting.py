"""Make a row fit the org: fields that it lacks are left out, text that is too long is cut.

A number or a choice that the org has no room for is neither cut nor left out: the row is a misfit, and is
refused before any call is made.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from app.salesforce.shape.describe import UNLIMITED, Shape, Slot, Sort
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import Purse
from streams.domain.command import Field, Figure, Lookup, Stage

BASIC_PLANE: Final = "\uffff"
"""Characters above it take two of Salesforce's places (UTF-16)."""

_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_MAILBOX: Final = re.compile(r"[\w!#$%&'*/=?^+`{|}~.-]{1,64}@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+", re.ASCII)
"""What Salesforce takes for an e-mail address, as its help describes it; a whole row is not worth less."""
_FLAGS: Final = range(0x1F1E6, 0x1F200)


DOLLARS: Final = Purse()
"""An org of one currency, as most are."""

_NO_ROOM: Final = "NUMBER_OUTSIDE_VALID_RANGE"
_NOT_LISTED: Final = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
_ANOTHER_TYPE: Final = "INVALID_TYPE_ON_FIELD_IN_RECORD"
"""As Salesforce would say it."""

_NUMERIC: Final = frozenset({Sort.NUMBER, Sort.ANY})
_FLAGGED: Final = frozenset({Sort.FLAG, Sort.ANY})


def fitted(
    fields: Mapping[str, Field],
    shape: Shape,
    into: dict[str, Any],
    missing: set[str],
    purse: Purse = DOLLARS,
) -> tuple[str, ...]:
    """Put `fields` into the JSON row `into`, as the org takes them; return what was cut, in words.

    Fields that the org does not have (for us) are left out and added to `missing`.

    Raises:
        Misfit: a number or a choice has no room; it names the field.
    """
    notes: tuple[str, ...] = ()
    slots = shape.slots
    for name, value in fields.items():
        if (slot := slots.get(name)) is None:
            missing.add(name)
        elif type(value) is str:
            if len(value) <= slot.easy:
                into[name] = value
            else:
                notes += _text(name, value, slot, into)
        elif type(value) is Figure:
            notes += _amount(name, value, slot, into, (shape, purse))
        else:
            _put(name, value, slot, into)
    return notes


def _text(name: str, value: str, slot: Slot, into: dict[str, Any]) -> tuple[str, ...]:
    if slot.written is not None and not slot.written(value):
        raise _other_type(name, slot)
    if slot.values and value.casefold() not in slot.values:
        raise _no_choice(name)
    if slot.mail and not _MAILBOX.fullmatch(value):
        _put(name, None, slot, into)
        return (f"{name}: left out, no e-mail address that Salesforce takes",)
    if slot.length and not _fits(value, slot.length):
        return _shortened(name, value, slot, into)
    into[name] = value
    return ()


def _amount(
    name: str, value: Figure, slot: Slot, into: dict[str, Any], org: tuple[Shape, Purse]
) -> tuple[str, ...]:
    """Put a number into the row; an amount in a currency that the field cannot show clears it."""
    shape, purse = org
    if slot.sort not in _NUMERIC:
        raise _other_type(name, slot)
    if slot.money and value.currency and (why := purse.takes(name, value.currency, shape, into)):
        _put(name, None, slot, into)
        return (why,)
    _hold(name, value.figure, slot)
    into[name] = orjson.Fragment(number(value.figure))
    return ()


def _put(name: str, value: Field, slot: Slot, into: dict[str, Any]) -> None:
    match value:
        case Lookup() if value.external_id:
            into[name] = {value.external_id_field: value.external_id}
        case Lookup():
            pass  # an empty reference would be refused as a missing parent
        case None if slot.nillable:
            into[slot.column] = None
        case None:
            pass  # a required field cannot be cleared; on creation Salesforce names it
        case Stage():
            into[name] = value.name
        case bool() if slot.sort not in _FLAGGED:
            raise _other_type(name, slot)
        case _:
            into[name] = value


def _no_choice(name: str) -> Misfit:
    return Misfit(_NOT_LISTED, name, "only values that its picklist has in use")


def _other_type(name: str, slot: Slot) -> Misfit:
    """Return why a value is refused that spoils its whole batch: Salesforce could not read the request."""
    return Misfit(_ANOTHER_TYPE, name, slot.sort.value)


def _hold(name: str, amount: Decimal, slot: Slot) -> None:
    """Let a number pass that the field holds digit by digit: Salesforce would refuse or round it.

    Raises:
        Misfit: it has more digits, before or behind the point.
    """
    if slot.whole == UNLIMITED or not amount:
        return
    _, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)  # money is finite
    beyond = -exponent - slot.scale
    if amount.adjusted() >= slot.whole or (beyond > 0 and any(digits[-beyond:])):
        takes = f"at most {slot.whole} digits before the point and {slot.scale} behind it"
        raise Misfit(_NO_ROOM, name, takes)


def number(amount: Decimal) -> bytes:
    """Return `amount` as a JSON number: all its digits, never through a float, no exponent."""
    return format(amount, "f").encode() if amount else b"0"


def _shortened(name: str, value: str, slot: Slot, into: dict[str, Any]) -> tuple[str, ...]:
    if not slot.cut:
        return (f"{name}: left out, longer than {slot.length} characters",)
    into[name] = cut(value, slot.length)
    return (f"{name}: cut to {slot.length} characters",)


def _fits(text: str, length: int) -> bool:
    return len(text) <= length and (text.isascii() or places(text) <= length)


def places(text: str) -> int:
    """Return how many of a Salesforce field's characters `text` takes (UTF-16 code units)."""
    return len(text) + sum(char > BASIC_PLANE for char in text)


def cut(text: str, length: int) -> str:
    """Return the longest start of `text` that takes at most `length` places and splits no character.

    A letter with its accents, an emoji with its joiners and a flag each count as one character.
    """
    fitting = end = _longest(text, length)
    while 0 < end < len(text) and _inside(text, end):
        end -= 1
    return text[: end or fitting]


def _longest(text: str, length: int) -> int:
    taken = 0
    for at, char in enumerate(text):
        taken += 1 + (char > BASIC_PLANE)
        if taken > length:
            return at
    return len(text)


def _inside(text: str, at: int) -> bool:
    """Tell whether a cut before `text[at]` would tear one visible character apart."""
    before, after = text[at - 1], text[at]
    if ord(after) in _FLAGS and ord(before) in _FLAGS:
        return _flags_before(text, at) % 2 == 1
    joined = before == "\u200d" or after in _JOINERS or ord(after) in _SKIN_TONES
    return joined or bool(unicodedata.combining(after))


def _flags_before(text: str, at: int) -> int:
    start = at
    while start and ord(text[start - 1]) in _FLAGS:
        start -= 1
    return at - start
