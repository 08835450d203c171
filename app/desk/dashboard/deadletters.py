"""What failed, by cause, with the mend; and another try for a cause or for one message."""

from typing import Any, Final

from aiohttp import web

from app.deadletters.archive import fetched
from app.deadletters.retry import Again, put_back
from app.deadletters.said import By
from app.desk.desk import desk_of
from app.desk.pages import page, see
from app.view.letters import Letter, groups, letters
from streams.domain.errors import Refused

MOST: Final = 500
"""Newest letters that are shown."""
AT_ONCE: Final = 40
"""Letters that one click tries again: a worker stops itself after fifty failures in a row."""
PAGE: Final = "somebody at the page"
"""Who acts here: whoever reaches the page may."""
LISTED: Final = 20
"""Letters of a cause that are listed one by one."""


async def show(request: web.Request) -> web.Response:
    """Show the causes."""
    desk = desk_of(request)
    told = await letters(await desk.store(), most=MOST)
    found = groups(letter for letter in told if letter.closed is None)
    again = sum(letter.closed is not None for letter in told)
    facts: dict[str, Any] = {
        "found": found,
        "again": again,
        "done": request.query.get("done", ""),
        "listed": LISTED,
        "at_once": AT_ONCE,
    }
    return page(request, "deadletters.html", full=len(told) == MOST, **facts)


async def retry(request: web.Request) -> web.Response:
    """Put the original bytes back on their topic, in their old order: all of a cause, or one."""
    desk, form = desk_of(request), await request.post()
    wanted = tuple(str(form.get(name, "")) for name in ("code", "step", "id"))
    told = await letters(await desk.store(), most=MOST)
    chosen = sorted((letter for letter in told if meant(letter, *wanted)), key=_standing)[:AT_ONCE]
    kept = await fetched(desk.options, chosen) if chosen else {}
    again = [Again(letter, kept[letter.id]) for letter in chosen if letter.id in kept]
    if not again:
        message = "there is nothing of that kind to try again"
        mend = "load the page again: it may have been tried already, or be gone from Kafka"
        raise Refused(message, mend, "no-dead-letter")
    await put_back(desk.options, again, By(desk.registry.clock(), PAGE))
    return see(f"/deadletters?done={len(again)}")


def meant(letter: Letter, code: str, step: str, letter_id: str) -> bool:
    """Tell whether a letter is to be tried again: the one that is named, else those of a cause that wait."""
    if letter_id:
        return letter.id == letter_id
    return letter.closed is None and (letter.code, letter.step) == (code, step)


def _standing(letter: Letter) -> tuple[str, int, int]:
    return letter.place.topic, letter.place.partition, letter.place.offset


ROUTES: Final = (web.get("/deadletters", show), web.post("/deadletters/retry", retry))
