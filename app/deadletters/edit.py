"""A person's override: the command of a dead letter with other values, for this once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from app.deadletters.retry import Again
from streams.codec import encode
from streams.domain.command import Command, Field, Figure, Items, Lookup, Stage
from streams.domain.errors import Misconfigured
from streams.domain.identity import CommandId, digest
from streams.domain.money import Currency

BY_HAND: Final = "by-hand"
"""The mapping that an edited command names: no mapping derives it, hence the proof holds none against it."""


class CannotEdit(Misconfigured):
    """The letter cannot be sent with those values."""

    code = "cannot-edit"


def edited(again: Again, changes: Mapping[str, str], at: datetime) -> Again:
    """Return the letter with its command's fields set to what `changes` say; an empty value clears a field.

    It is a command of its own, at the version of the one that failed: a newer state of the row stands, and
    the next change from FreshBooks replaces it.

    Raises:
        CannotEdit: the letter holds no command, or a field is not one that can be set so.
    """
    command = again.message
    if not isinstance(command, Command):
        message = f"dead letter {again.letter.id[:12]} holds no row for Salesforce, but what comes before one"
        raise CannotEdit(message, mend="mend it in FreshBooks or in the mapping, then retry it")
    fields = command.fields | {name: _value(command, name, text) for name, text in changes.items()}
    changed = command.model_copy(update={"fields": fields})
    content = digest("by hand", encode(changed).decode())
    made = {
        "id": CommandId(digest("command", "by hand", command.id, content, at.isoformat())),
        "content": content,
        "mapping": BY_HAND,
    }
    return Again(again.told, again.letter, changed.model_copy(update=made), tuple(changes))


def _value(command: Command, name: str, text: str) -> Field:
    """Return `text` as the kind of value that the field has."""
    if name not in command.fields:
        message = f"the command does not set {name}"
        raise CannotEdit(message, mend=f"it sets {', '.join(sorted(command.fields))}")
    match command.fields[name]:
        case Lookup():
            message = f"{name} refers to a row of this client"
            raise CannotEdit(message, mend="say with `freshforce match` which Account the client is")
        case Items():
            message = f"{name} are the lines of an invoice"
            raise CannotEdit(message, mend="mend them in FreshBooks, then retry it")
        case Stage(phase=phase):
            return Stage(phase=phase, name=text)
        case _ if not text:
            return None
        case bool():
            return _yes(name, text)
        case Figure(currency=currency):
            return _figure(name, text, currency)
        case _:
            return text


def _yes(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        message = f"{name} is yes or no"
        raise CannotEdit(message, mend=f"say {name}=true or {name}=false")
    return text.lower() == "true"


def _figure(name: str, text: str, currency: Currency | None) -> Figure:
    try:
        return Figure.model_validate({"figure": text, "currency": currency})
    except ValidationError:
        message = f"{name} is a number"
        mend = f"say it with digits and a point, such as {name}=1250.00"
        raise CannotEdit(message, mend=mend) from None
