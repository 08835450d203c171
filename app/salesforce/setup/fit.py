"""Whether a field that the org has already is the field that we need, and what an admin must change."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.salesforce.setup.fields import CustomField, Kind

LONGEST_PLAIN: Final = 255
"""Text areas beyond it are long ones."""

_KINDS: Final = {"string": "Text", "email": "Email", "date": "Date", "double": "Number", "int": "Number"}


class Actual(NamedTuple):
    """A field as the org has it."""

    kind: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    required: bool = False


class Misfit(NamedTuple):
    """One thing that is otherwise than we need it."""

    says: str
    mend: str


def described(field: Mapping[str, Any]) -> Actual:
    """Return what a describe answer says of a field."""
    length, kind = int(field.get("length") or 0), str(field.get("type"))
    if kind == "textarea":
        name = "LongTextArea" if length > LONGEST_PLAIN else "TextArea"
    else:
        name = _KINDS.get(kind, kind.capitalize())
    return Actual(
        name,
        length,
        int(field.get("precision") or 0),
        int(field.get("scale") or 0),
        unique=bool(field.get("unique")),
        external_id=bool(field.get("externalId")),
        case_sensitive=bool(field.get("caseSensitive")),
        required=not field.get("nillable", True) and not field.get("defaultedOnCreate"),
    )


def told(metadata: Mapping[str, Any]) -> Actual:
    """Return what the Tooling API's Metadata says of a field that is hidden from us."""
    return Actual(
        str(metadata.get("type")),
        int(metadata.get("length") or 0),
        int(metadata.get("precision") or 0),
        int(metadata.get("scale") or 0),
        unique=metadata.get("unique") is True,
        external_id=metadata.get("externalId") is True,
        case_sensitive=metadata.get("caseSensitive") is True,
        required=metadata.get("required") is True,
    )


def misfits(field: CustomField, actual: Actual) -> Iterator[Misfit]:
    """Yield what keeps `actual` from being `field`; what is only wider than asked fits."""
    if actual.kind != field.kind.value:
        mend = f"rename the field that is there, or change its type to {field.spelled}, then set up again"
        yield Misfit(f"is of type {actual.kind}, not {field.kind.value}", mend)
        return
    if field.kind in {Kind.TEXT, Kind.LONG_TEXT} and actual.length < field.length:
        yield Misfit(
            f"holds {actual.length} characters, not {field.length}", f"change its length to {field.length}"
        )
    if field.kind is Kind.NUMBER and not _wide(field, actual):
        yield Misfit(
            f"is a number({actual.precision}, {actual.scale}), not ({field.precision}, {field.scale})",
            f"change its length to {field.precision - field.scale} and its decimal places to {field.scale}",
        )
    if field.key:
        yield from _key_misfits(actual)
    if actual.required:
        yield Misfit("is required", "untick Required: FreshBooks may have no value for it")


def _key_misfits(actual: Actual) -> Iterator[Misfit]:
    if not actual.external_id:
        yield Misfit("is no external id", "tick External ID")
    if not actual.unique:
        yield Misfit("is not unique: rows could double", "merge records that share a value, then tick Unique")
    elif not actual.case_sensitive:
        yield Misfit(
            "takes a:1 and A:1 for the same",
            "choose «Treat ABC and abc as different values (case sensitive)»",
        )


def _wide(field: CustomField, actual: Actual) -> bool:
    whole = actual.precision - actual.scale >= field.precision - field.scale
    return whole and actual.scale >= field.scale
