"""A custom field as the Tooling API speaks of it: Metadata to a declared field, and back."""

from typing import Any

from app.sandbox.salesforce.refusal import Code, Json, Refusal, bad_request, refuse
from app.sandbox.salesforce.schema import Declared, Field

KNOWN = frozenset(
    (
        *("type", "label", "description", "inlineHelpText", "required", "unique", "externalId"),
        *("caseSensitive", "length", "precision", "scale", "visibleLines", "defaultValue"),
    )
)
"""Keys of Metadata that are read here; a misspelt one is refused, as by the real parser."""
TYPES = {
    "Text": "string", "Email": "email", "Phone": "phone", "Url": "url", "Date": "date",
    "DateTime": "datetime",
    "Number": "double", "Currency": "currency", "Percent": "percent", "TextArea": "textarea",
    "LongTextArea": "textarea",
}  # fmt: skip
MAIL_LENGTH, TEXT_LENGTH, LONGEST_LINES = 80, 255, 131_072
MOST_DIGITS = 18
MOST_LABEL = 40
UNIQUE = frozenset({"Text", "Number", "Email"})
LENGTHS = {"Email": MAIL_LENGTH, "Phone": 40, "Url": TEXT_LENGTH, "TextArea": TEXT_LENGTH}


def declared(metadata: Json) -> Declared:
    """Return the field's line as the files in `objects/` have one.

    Raises:
        Refusal: the field is not to be as it is told.
    """
    for key in metadata.keys() - KNOWN:
        told = f"No such column '{key}' on sobject of type CustomField"
        raise bad_request(Code.JSON_PARSER_ERROR, told)
    kind = str(metadata.get("type"))
    if kind not in TYPES:
        told = f"bad value for restricted picklist field: {kind}"
        raise _wrong(told, "type")
    label = metadata.get("label")
    if not isinstance(label, str) or not 0 < len(label) <= MOST_LABEL:
        told = "Label: a label of at most 40 characters is needed"
        raise _wrong(told, "label")
    _refuse_demand(kind, metadata)
    return _sized(kind, metadata) | _keyed(kind, metadata) | {"label": label, "type": TYPES[kind]}


def _refuse_demand(kind: str, metadata: Json) -> None:
    """Refuse `required` where the type has none. That a false one is refused, too, is unconfirmed."""
    if kind == "LongTextArea" and "required" in metadata:
        told = f"Can not specify 'required' for a CustomField of type {kind}"
        raise _wrong(told, "required")


def _sized(kind: str, metadata: Json) -> Declared:
    if kind == "Text":
        return {"length": _number(metadata, "length", 1, TEXT_LENGTH)}
    if kind == "LongTextArea":
        _number(metadata, "visibleLines", 2, 50)
        return {"length": _number(metadata, "length", 256, LONGEST_LINES)}
    if kind in {"Number", "Currency", "Percent"}:
        scale = _number(metadata, "scale", 0, MOST_DIGITS)
        return {"precision": _number(metadata, "precision", max(1, scale), MOST_DIGITS), "scale": scale}
    return {"length": LENGTHS[kind]} if kind in LENGTHS else {}


def _keyed(kind: str, metadata: Json) -> Declared:
    unique, key = metadata.get("unique") is True, metadata.get("externalId") is True
    if (unique or key) and kind not in UNIQUE:
        told = f"Can not specify 'unique' or 'externalId' for a CustomField of type {kind}"
        raise _wrong(told, "unique")
    if metadata.get("caseSensitive") is True and not (unique and kind == "Text"):
        told = "Can not specify 'caseSensitive' for a field that is not unique"
        raise _wrong(told, "caseSensitive")
    access = "required" if metadata.get("required") is True else "optional"
    return {
        "unique": unique, "external_id": key, "id_lookup": key, "access": access,
        "case_sensitive": metadata.get("caseSensitive") is True,
    }  # fmt: skip


def metadata_of(field: Field) -> Json:
    """Return the Metadata of a field that no Tooling call made."""
    kind = next((name for name, held in TYPES.items() if held == field.type), field.type.capitalize())
    if field.type == "textarea" and field.length > TEXT_LENGTH:
        kind = "LongTextArea"
    said: dict[str, Any] = {
        "type": kind, "label": field.label, "required": field.required, "unique": field.unique,
        "externalId": field.external_id, "caseSensitive": field.case_sensitive,
    }  # fmt: skip
    sizes = {"length": field.length, "precision": field.precision, "scale": field.scale}
    return said | {name: size for name, size in sizes.items() if size}


def _number(metadata: Json, name: str, least: int, most: int) -> int:
    value = metadata.get(name)
    if type(value) is int and least <= value <= most:
        return value
    told = f"Must specify a number from {least} to {most} for a CustomField of this type"
    raise _wrong(told, name)


def _wrong(told: str, name: str) -> Refusal:
    return refuse(Code.FIELD_INTEGRITY_EXCEPTION, told, name)
