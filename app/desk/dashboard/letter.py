"""One dead letter: what failed and why, its message with the values masked, and sending it with others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from app.deadletters.edit import edited
from app.deadletters.masked import masked, masked_field
from app.deadletters.outdated import outdated
from app.deadletters.retry import Again
from app.deadletters.said import By
from app.desk.desk import Desk, desk_of
from app.desk.pages import page, see
from app.desk.signing import by_whom, remembered
from app.mapping.shown import said
from app.view.letters import Letter, letters
from streams.domain.command import Command, Items, Lookup
from streams.domain.errors import FreshforceError, Misconfigured, Refused

NEW: Final = "set:"
CLEAR: Final = "clear:"
"""How a form names a field: with another value, or with none."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of the row, as its line on the page."""

    name: str
    holds: str
    open: bool
    """Whether a person may set it."""


async def show(request: web.Request) -> web.Response:
    """Show a letter; its values only to whoever asks for them."""
    desk, unmasked = desk_of(request), "unmasked" in request.query
    letter = await _letter(request)
    again = await _again(desk, letter)
    message = None if again is None else again.message
    facts: dict[str, Any] = {
        "letter": letter,
        "gone": again is None,
        "slots": slots(message, unmasked=unmasked) if isinstance(message, Command) else [],
        "shape": None if again is None else masked(again.letter.original),
        "unmasked": unmasked,
        "state": state_of(letter),
        "outdated": outdated(letter, desk.registry.connections),
    }
    return page(request, "letter.html", **facts)


async def edit(request: web.Request) -> web.Response:
    """Have the row sent once with other values, for a reason; the command's own code."""
    desk, form, letter = desk_of(request), await request.post(), await _letter(request)
    _refuse_other_than_shown(letter, form)
    changes, reason = changes_of(form), str(form.get("reason", "")).strip()
    if not changes:
        message = "nothing was sent: no field was given another value"
        raise Refused(message, "type a value beside a field, or tick that it is to be empty", "no-change")
    if not reason:
        message = "nothing was sent: no reason was given"
        raise Refused(message, "say why; it stands in the audit beside your name", "no-reason")
    again = await _again(desk, letter)
    if again is None:
        raise _gone(letter.id)
    by = by_whom(request, form, reason)
    await _sent_once(desk, edited(again, changes, by.at), by)
    return remembered(see("/deadletters?edited=1"), form)


def state_of(letter: Letter) -> str:
    """Return what tells one state of a letter from the next: when it was closed last."""
    return letter.closed.at.isoformat() if letter.closed else ""


def _refuse_other_than_shown(letter: Letter, form: Mapping[str, Any]) -> None:
    """Let nobody overwrite what somebody else had sent while this page stood open."""
    shown, closed = str(form.get("state", "")), letter.closed
    if shown != state_of(letter):
        happened = "it was closed" if closed is None else f"it was {closed.how}"
        by = f" by {closed.actor}" if closed and closed.actor else ""
        message = f"nothing was sent: {happened}{by} while this page stood open"
        raise Refused(message, "load its page again and see what became of it", "letter-moved")
    if closed is not None and not form.get("again"):
        message = "nothing was sent: nothing is left to do about this letter"
        raise Refused(message, "tick that you mean to send it once more", "letter-closed")


async def _sent_once(desk: Desk, instead: Again, by: By) -> None:
    """Send it, and remember that: a second click comes before the view has told of the first."""
    mark = instead.told.id, state_of(instead.told)
    if mark in desk.edited:
        message = "nothing was sent: it was sent with other values a moment ago"
        raise Refused(
            message, "see its trace for what became of that; then load its page again", "letter-moved"
        )
    desk.edited.add(mark)
    try:
        await desk.letters.put_back([instead], by)
    except FreshforceError:
        desk.edited.discard(mark)
        raise


def slots(command: Command, *, unmasked: bool) -> list[Slot]:
    """Return the fields that the row sets, in the order of the row."""
    tell = said if unmasked else masked_field
    return [
        Slot(name, tell(value), not isinstance(value, Lookup | Items))
        for name, value in command.fields.items()
    ]


def changes_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what a form says of fields; an empty value clears one, and one that is not filled in stays."""
    typed = {name.removeprefix(NEW): str(value) for name, value in form.items() if name.startswith(NEW)}
    cleared = {name.removeprefix(CLEAR): "" for name in form if name.startswith(CLEAR)}
    return {name: value for name, value in typed.items() if value} | cleared


async def _letter(request: web.Request) -> Letter:
    wanted = request.match_info["id"]
    known = await letters(await desk_of(request).store())
    for letter in known:
        if letter.id == wanted:
            return letter
    raise _gone(wanted)


async def _again(desk: Desk, letter: Letter) -> Again | None:
    kept = (await desk.letters.fetched([letter])).get(letter.id)
    return None if kept is None else Again(letter, kept)


def _gone(letter_id: str) -> Misconfigured:
    message = f"dead letter {letter_id[:12]} is not known, or no longer in Kafka"
    return Misconfigured(message, "see the list: /deadletters", "no-dead-letter")


ROUTES: Final = (
    web.get("/deadletters/{id:[0-9a-zA-Z-]{1,64}}", show),
    web.post("/deadletters/{id:[0-9a-zA-Z-]{1,64}}/edit", edit),
)
