"""What failed, by cause, with the mend; another try for a cause or for one message, or its end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from app.deadletters.older import with_older
from app.deadletters.outdated import Outdated, advice, outdated
from app.deadletters.retry import Again
from app.desk.desk import Desk, desk_of
from app.desk.pages import page, see
from app.desk.signing import by_whom, remembered
from app.view.letters import Letter, groups, letters, of_clients
from streams.domain.errors import Refused

MOST: Final = 500
"""Newest letters that are shown."""
AT_ONCE: Final = 40
"""Letters that one click tries again: a worker stops itself after fifty failures in a row."""
LISTED: Final = 20
"""Letters of a cause that are listed one by one."""


async def show(request: web.Request) -> web.Response:
    """Show the causes."""
    desk = desk_of(request)
    told = await letters(await desk.store(), most=MOST)
    found, full = groups(letter for letter in told if letter.closed is None), len(told) == MOST
    again = sum(letter.closed is not None for letter in told)
    facts: dict[str, Any] = {
        "found": found,
        "again": again,
        "outdated": [advice(_outdated(desk, it.letters)) for it in found],
        "done": request.query.get("done", ""),
        "edited": "edited" in request.query,
        "discarded": request.query.get("discarded", ""),
        "listed": LISTED,
        "at_once": AT_ONCE,
        "older": [len(await _older(desk, it.letters)) for it in found] if full else [0] * len(found),
    }
    return page(request, "deadletters.html", full=full, **facts)


async def retry(request: web.Request) -> web.Response:
    """Put the original bytes back on their topic, in their old order: all of a cause, or one."""
    desk, form = desk_of(request), await request.post()
    told = await letters(await desk.store(), most=MOST)
    chosen = sorted(_meant(told, form), key=_standing)[:AT_ONCE]
    kept = await desk.letters.fetched(chosen) if chosen else {}
    again = [Again(letter, kept[letter.id]) for letter in chosen if letter.id in kept]
    if not again:
        raise _nothing()
    await desk.letters.put_back(again, by_whom(request, form))
    return see(f"/deadletters?done={len(again)}")


async def discard(request: web.Request) -> web.Response:
    """Close all of a cause that the page showed, or one, with the older ones of their rows, for a reason."""
    desk, form = desk_of(request), await request.post()
    reason = str(form.get("reason", "")).strip()
    if not reason:
        message = "nothing was discarded: no reason was given"
        raise Refused(message, "say why nothing needs to come of it; it stands in the audit", "no-reason")
    told = _shown(await letters(await desk.store(), most=MOST), str(form.get("shown", "")))
    chosen = _meant(told, form)
    if not chosen:
        raise _nothing()
    chosen += await _older(desk, chosen)
    await desk.letters.discard(chosen, by_whom(request, form, reason))
    return remembered(see(f"/deadletters?discarded={len(chosen)}"), form)


def _outdated(desk: Desk, found: Iterable[Letter]) -> list[Outdated]:
    """Return what there is to know of those letters whose row an older mapping made."""
    asked = (outdated(letter, desk.registry.connections) for letter in found)
    return [it for it in asked if it is not None]


async def _older(desk: Desk, chosen: Sequence[Letter]) -> Sequence[Letter]:
    """Return the open letters of older states that go with `chosen`, also those that are not shown."""
    whose = {(it.connection, int(it.entry["client"])) for it in chosen if it.row}
    return with_older(chosen, await of_clients(await desk.store(), whose))[len(chosen) :]


def _shown(told: Sequence[Letter], shown: str) -> Sequence[Letter]:
    """Return what stood there when the page showed the ids `shown`: nobody closes what he has not seen."""
    ids = {*shown.split()}
    return [letter for letter in told if letter.id in ids] if ids else told


def _meant(told: Iterable[Letter], form: Mapping[str, Any]) -> list[Letter]:
    """Return the letters that a form means, among those that are shown."""
    wanted = tuple(str(form.get(name, "")) for name in ("code", "step", "id"))
    return [letter for letter in told if meant(letter, *wanted)]


def _nothing() -> Refused:
    message = "there is nothing of that kind to act upon"
    mend = "load the page again: it may have been closed already, or be gone from Kafka"
    return Refused(message, mend, "no-dead-letter")


def meant(letter: Letter, code: str, step: str, letter_id: str) -> bool:
    """Tell whether an open letter is meant: the one that is named, else those of a cause.

    One that is closed somebody else has seen to, while the page stood open: what he said stands.
    """
    wanted = letter.id == letter_id if letter_id else letter.cause == (code, step)
    return wanted and letter.closed is None


def _standing(letter: Letter) -> tuple[str, int, int]:
    return letter.place.topic, letter.place.partition, letter.place.offset


ROUTES: Final = (
    web.get("/deadletters", show),
    web.post("/deadletters/retry", retry),
    web.post("/deadletters/discard", discard),
)
