"""`@{NewAccount.id}` in a composite request: what an earlier part answered."""

import re
from typing import Any

from app.sandbox.salesforce.refusal import Code, Json, bad_request

REFERENCE = re.compile(r"@\{(?P<part>\w+)(?P<path>(?:\.\w+|\[\d+\])*)\}")
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def filled(text: Any, known: Json) -> Any:
    """Return `text` (or what is inside a list or an object) with each reference replaced.

    A text that is nothing but a reference becomes the value itself, a number stays a number.

    Raises:
        Refusal: a part that is not known, or has no such thing in its answer.
    """
    if isinstance(text, dict):
        return {name: filled(value, known) for name, value in text.items()}
    if isinstance(text, list):
        return [filled(value, known) for value in text]
    if not isinstance(text, str):
        return text
    whole = REFERENCE.fullmatch(text)
    return _value(whole, known) if whole else REFERENCE.sub(lambda found: str(_value(found, known)), text)


def _value(found: re.Match[str], known: Json) -> Any:
    value: Any = known.get(found["part"])
    try:
        for name, place in STEP.findall(found["path"]):
            value = value[name] if name else value[int(place)]
    except (KeyError, IndexError, TypeError):
        value = None
    if value is None:
        raise bad_request(
            Code.PROCESSING_HALTED, f"Invalid reference specified. No value for {found[0][2:-1]} found"
        )
    return value
