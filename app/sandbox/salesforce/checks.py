"""What a value must be, per type of field. A check returns the value as it is kept, or refuses it.

`null` never comes here: whether a field may be empty is a matter of the whole row.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.refusal import Code, Problem, Refusal, entity_is_deleted, refuse
from app.sandbox.salesforce.rows import Table
from app.sandbox.salesforce.schema import NUMBERS, Field

Check = Callable[[Any], Any]

MAIL = re.compile(
    r"[a-z0-9!#$%&'*/=?^_+\-`{|}~.]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+",
    re.IGNORECASE,
)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = "%Y-%m-%dT%H:%M:%S.000+0000"
JSON_NAMES = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}


def check_of(field: Field, profile: Profile, tables: dict[str, Table]) -> Check:
    """Return the check for `field`, with everything that is known beforehand already looked up."""
    if field.type in {"reference", "id"}:
        return _reference(field, profile, tables)
    if field.type in NUMBERS:
        return _number(field, profile)
    return MAKERS.get(field.type, _text)(field, profile)


def _text(field: Field, profile: Profile) -> Check:
    longest, blank_is_null = field.length, profile.blank == "null"

    def check(value: Any) -> str | None:
        if type(value) is not str:
            raise _wrong(field, profile, value)
        if _places(value) > longest:
            told = f"{field.label}: data value too large: {value} (max length={longest})"
            raise refuse(Code.STRING_TOO_LONG, told, field.name)
        return None if blank_is_null and not value else value

    return check


def _places(text: str) -> int:
    """Return how much of a field's length `text` takes: letters of UTF-16, so that an emoji takes two.

    Salesforce says so of its formulas and of String.length() (help.salesforce.com, article 005166849).
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _email(field: Field, profile: Profile) -> Check:
    text = _text(field, profile)

    def check(value: Any) -> Any:
        kept = text(value)
        if kept and not MAIL.fullmatch(kept):
            told = f"{field.label}: invalid email address: {kept}"
            raise refuse(Code.INVALID_EMAIL_ADDRESS, told, field.name)
        return kept

    return check


def _picklist(field: Field, profile: Profile) -> Check:
    text, allowed = _text(field, profile), frozenset(field.values)
    if not field.restricted:
        return text

    def check(value: Any) -> Any:
        kept = text(value)
        if kept is not None and kept not in allowed:
            told = f"bad value for restricted picklist field: {kept}"
            raise refuse(Code.INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, told, field.name)
        return kept

    return check


def _number(field: Field, profile: Profile) -> Check:
    beyond, scale = 10.0 ** (field.precision - field.scale), field.scale
    lenient = profile.numbers_as_text == "accepted"

    def check(value: Any) -> float:
        number = value if type(value) is float else _as_float(value, lenient=lenient)
        if number is None:
            raise _wrong(field, profile, value)
        if not -beyond < number < beyond:
            told = f"{field.label}: value outside of valid range on numeric field: {value}"
            raise refuse(Code.NUMBER_OUTSIDE_VALID_RANGE, told, field.name)
        return _rounded(number, scale)

    return check


def _as_float(value: Any, *, lenient: bool) -> float | None:
    if type(value) is int:
        return float(value)
    if not (lenient and isinstance(value, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _rounded(value: float, scale: int) -> float:
    near = round(value, scale)
    if near == value:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _boolean(field: Field, profile: Profile) -> Check:
    def check(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise _wrong(field, profile, value)

    return check


def _whole_number(field: Field, profile: Profile) -> Check:
    beyond = 10**field.digits

    def check(value: Any) -> int:
        if type(value) is int and -beyond < value < beyond:
            return value
        raise _wrong(field, profile, value)

    return check


def _day(field: Field, profile: Profile) -> Check:
    blank_is_null = profile.blank == "null"

    def check(value: Any) -> str | None:
        if value == "" and blank_is_null:
            return None
        if isinstance(value, str) and DAY.fullmatch(value) and _is_day(value):
            return value
        raise _wrong(field, profile, value)

    return check


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(field: Field, profile: Profile) -> Check:
    blank_is_null = profile.blank == "null"

    def check(value: Any) -> str | None:
        if value == "" and blank_is_null:
            return None
        if (kept := moment_text(value)) is not None:
            return kept
        raise _wrong(field, profile, value)

    return check


def moment_text(value: Any) -> str | None:
    """Return a moment as the API writes it, in UTC; None when `value` is none (a moment needs its zone)."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return read.astimezone(UTC).strftime(MOMENT) if read.tzinfo else None


def _reference(field: Field, profile: Profile, tables: dict[str, Table]) -> Check:
    by_prefix = {tables[name].thing.prefix: tables[name] for name in field.refers_to if name in tables}

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _wrong(field, profile, value)
        exact = by_prefix.get(value[:3])
        if exact is not None and value in exact.rows:
            return value
        row_id = normal_id(value)
        if row_id is None or (by_prefix and row_id[:3] not in by_prefix):
            told = f"{field.label}: id value of incorrect type: {value}"
            raise refuse(Code.MALFORMED_ID, told, field.name)
        table = by_prefix.get(row_id[:3])
        if table is None or row_id not in table.rows:
            raise _no_such_row(table, row_id, field)
        return row_id

    return lambda value: None if value == "" else check(value)


def _no_such_row(table: Table | None, row_id: str, field: Field) -> Refusal:
    if table is not None and row_id in table.deleted:
        return entity_is_deleted()
    return refuse(Code.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id", field.name)


def _wrong(field: Field, profile: Profile, value: Any) -> Refusal:
    """Return the refusal of a value of the wrong JSON type, worded as by the parser of the real org."""
    found = JSON_NAMES.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")
    told = (
        f"Cannot deserialize instance of {field.type} from {found} value {value} or request may be missing "
        "a required field at [line:1, column:1]"
    )
    return Refusal(Problem(Code.JSON_PARSER_ERROR, told), whole=profile.wrong_type == "request")


MAKERS: dict[str, Callable[[Field, Profile], Check]] = {
    "email": _email,
    "picklist": _picklist,
    "date": _day,
    "datetime": _moment,
    "boolean": _boolean,
    "int": _whole_number,
}
