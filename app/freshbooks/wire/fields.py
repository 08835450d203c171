"""The kinds of field that FreshBooks sends: blank, null and missing are one; numbers come as text or bare."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from app.freshbooks.refused import Unreadable
from app.freshbooks.wire.document import clean, plain
from streams.domain.snapshot import Visibility
from streams.domain.version import changed_at

_NUMBER: Final = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,19}", re.ASCII)
_NO_DAY: Final = "0000-00-00"
_VISIBILITIES: Final = {0: Visibility.ACTIVE, 1: Visibility.DELETED, 2: Visibility.ARCHIVED}


class Wire(BaseModel):
    """An object of FreshBooks' JSON; what it does not name stays in `more`."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    def more(self) -> dict[str, JsonValue]:
        """Return the fields that have no name here, as they came."""
        return {clean(name): plain(value) for name, value in (self.model_extra or {}).items()}


W = TypeVar("W", bound=BaseModel)


def read(model: type[W], given: object) -> W:
    """Return `given` as a `model`.

    Raises:
        Unreadable: it is none; the message names the fields, never their values.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise unreadable(model.__name__, error) from None


def unreadable(what: str, error: ValidationError) -> Unreadable:
    """Return the error that names the fields which `error` found wrong."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    names = ", ".join(dict.fromkeys(".".join(map(str, e["loc"])) or "all of it" for e in found))
    return Unreadable(f"FreshBooks' {what} is unreadable: {names[:300]}")


def _wrong(expected: str) -> ValueError:
    return ValueError(f"expected {expected}")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            expected = "text"
            raise _wrong(expected)
        case str():
            return clean(value)
        case int() | Decimal():
            return str(value)
        case _:
            expected = "text"
            raise _wrong(expected)


def _number(value: Any) -> Decimal:
    """Read a decimal exactly; minus zero is zero, and 1e2 is 100."""
    text = "" if isinstance(value, bool) else str(value).strip()
    if not _NUMBER.fullmatch(text):
        expected = "a decimal number"
        raise _wrong(expected)
    number = Decimal(format(Decimal(text), "f"))
    return number.copy_abs() if number.is_zero() else number


def _whole(value: Any) -> int:
    text = "" if isinstance(value, bool) else str(value).strip()
    if not _WHOLE.fullmatch(text):
        expected = "a whole number"
        raise _wrong(expected)
    return int(text)


def _visibility(value: Any) -> Visibility:
    number = 0 if value in (None, "") else _whole(value)
    if number not in _VISIBILITIES:
        expected = "0, 1 or 2"
        raise _wrong(expected)
    return _VISIBILITIES[number]


def _blank_is_none(value: Any) -> Any:
    return None if value in (None, "", _NO_DAY) else value


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value).strip()[:10])


def _moment(value: Any) -> datetime:
    stamp = datetime.fromisoformat(_text(value).strip())
    try:
        return changed_at(stamp) if stamp.tzinfo is None else stamp.astimezone(UTC)
    except OverflowError:
        expected = "a moment of the years 1 to 9999"
        raise _wrong(expected) from None


def _flag(value: Any) -> bool:
    if value in (None, "", 0, "0", False, "false"):
        return False
    if value in (1, "1", True, "true"):
        return True
    expected = "true or false"
    raise _wrong(expected)


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Identifier = Annotated[int, BeforeValidator(_whole), Field(gt=0, lt=2**63)]
Shown = Annotated[Visibility, BeforeValidator(_visibility)]
Flag = Annotated[bool, BeforeValidator(_flag)]
EasternMoment = Annotated[datetime, BeforeValidator(_moment)]
"""A naive stamp is US/Eastern, whatever the zone of the business (facts, "Times")."""
MaybeMoment = Annotated[EasternMoment | None, BeforeValidator(_blank_is_none)]
Day = Annotated[date, BeforeValidator(_day)]
MaybeDay = Annotated[Day | None, BeforeValidator(_blank_is_none)]
MaybeNumber = Annotated[Number | None, BeforeValidator(_blank_is_none)]
