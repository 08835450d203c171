"""The form that FreshBooks posts, read within limits and without guessing.

BadForm                 the body cannot be what FreshBooks sends: refuse it, keep nothing
├── TooManyFields
├── FieldTooLong
├── DuplicateField        the meaning would hang on which one is read
├── NotUtf8
└── NulCharacter
"""

from typing import Final
from urllib.parse import unquote_plus

from streams.domain.errors import Permanent

Form = dict[str, str]
"""Field → value, decoded, in the order received, blanks kept."""

MAX_FIELDS: Final = 64
MAX_NAME: Final = 128
MAX_VALUE: Final = 8_192
MAX_ESCAPES: Final = 8_192
"""More would take longer to decode than a refusal may cost."""


class BadForm(Permanent):
    """The body is no form that FreshBooks would send."""

    code = "bad-form"


class TooManyFields(BadForm):
    """More fields than any event has."""

    code = "too-many-fields"


class FieldTooLong(BadForm):
    """A name or a value longer than any event has."""

    code = "field-too-long"


class DuplicateField(BadForm):
    """One name stands twice."""

    code = "duplicate-field"


class NotUtf8(BadForm):
    """The bytes, or what their percent signs stand for, are not UTF-8."""

    code = "not-utf8"


class NulCharacter(BadForm):
    """A NUL, which no text of FreshBooks' holds."""

    code = "nul-character"


def parse(body: bytes) -> Form:
    """Return the fields of `body` as `urllib.parse.parse_qsl` reads them, blanks kept.

    Ingress reads each body once, with this, and hands the fields to `signature.verify`.

    Raises:
        BadForm: refuse the request; the message says why and quotes nothing.
    """
    if body.count(b"&") >= MAX_FIELDS:
        message = f"more than {MAX_FIELDS} fields"
        raise TooManyFields(message)
    if body.count(b"%") > MAX_ESCAPES:
        message = f"more than {MAX_ESCAPES} percent signs"
        raise FieldTooLong(message)
    try:
        form = _fields(body.decode())
    except UnicodeDecodeError:
        message = "not UTF-8"
        raise NotUtf8(message) from None
    _refuse_oddities(form)
    return form


def _fields(text: str) -> Form:
    escaped = "%" in text or "+" in text
    form: Form = {}
    for part in text.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if escaped:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        if name in form:
            message = "a field stands twice"
            raise DuplicateField(message)
        form[name] = value
    return form


def _refuse_oddities(form: Form) -> None:
    for name, value in form.items():
        if len(name) > MAX_NAME or len(value) > MAX_VALUE:
            message = "a field is too long"
            raise FieldTooLong(message)
        if "\0" in value or "\0" in name:
            message = "a NUL character"
            raise NulCharacter(message)
