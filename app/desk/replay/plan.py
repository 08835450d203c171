"""One plan: what it would do, whether that still holds, and the buttons that carry it out or halt it."""

import asyncio
from collections.abc import Hashable
from typing import Any, Final

from aiohttp import web

from app.desk.desk import Desk, desk_of
from app.desk.pages import page, see
from app.desk.replay.looking import PREVIEW, Seen, moving
from app.desk.works import Work
from streams.domain.errors import FreshforceError, Misconfigured, Refused
from streams.domain.replay import Replay, ReplayState

LOOK: Final = 5.0
"""Seconds that a page waits to learn what moved; whoever applies looks again, however long it takes."""
_HALTS: Final = {"pause": ReplayState.PAUSED, "stop": ReplayState.STOPPED}
_SURE: Final = frozenset({"apply", "stop"})
"""What is done only once somebody says that he means it."""


async def show(request: web.Request) -> web.Response:
    """Show a plan as it stands now."""
    desk = desk_of(request)
    replay = await desk.replays.one(request.match_info["plan"])
    works = desk.works.get(_applying(replay.id)), desk.works.get(_halting(replay.id))
    halting = works[1] is not None and works[1].under_way
    busy = any(each is not None and each.under_way for each in works)
    if replay.state is ReplayState.RUNNING and not busy:
        works, busy = (_apply(desk, replay), works[1]), True
    resting = replay.state in {ReplayState.PLANNED, ReplayState.PAUSED} and not busy
    error, unsure = await _moved(desk, replay) if resting else (None, False)
    facts: dict[str, Any] = {
        "replay": replay,
        "seen": _seen(desk, replay),
        "work": works[1] if halting else works[0],
        "failed": next((each.error for each in works if each is not None and each.error), None),
        "busy": busy,
        "halting": halting,
        "moved": error,
        "unsure": unsure,
    }
    return page(request, "replay/plan.html", **facts)


async def act(request: web.Request) -> web.Response:
    """Apply, resume, pause or stop a plan."""
    desk, form = desk_of(request), await request.post()
    replay = await desk.replays.one(request.match_info["plan"])
    wish = str(form.get("do", ""))
    if wish in _SURE and form.get("sure") != "yes":
        message = "nothing was done: it was not confirmed"
        raise Refused(message, "go back and tick the box beside the button", "not-confirmed")
    if wish in _HALTS:
        goal = _HALTS[wish]
        desk.works.forget(_halting(replay.id))
        desk.works.begin(_halting(replay.id), lambda begun: _halt(desk, replay, goal, begun))
    elif wish in {"apply", "resume"}:
        desk.works.forget(_halting(replay.id))
        _apply(desk, replay)
    else:
        message = f"a plan cannot be told to {wish or 'do nothing'}"
        raise Misconfigured(message, "use the buttons of its page", "no-such-act")
    return see(f"/replay/{replay.id}")


def _apply(desk: Desk, replay: Replay) -> Work[Replay]:
    return desk.works.begin(_applying(replay.id), lambda begun: _carry(desk, replay, begun))


async def _carry(desk: Desk, replay: Replay, begun: Work[Replay]) -> Replay:
    connection = desk.registry[replay.connection]
    begun.says = "the workers step aside, then read again"
    return await desk.replays.apply(replay.id, connection, moving(begun))


async def _halt(desk: Desk, replay: Replay, goal: ReplayState, begun: Work[Replay]) -> Replay:
    begun.says = "the workers step aside and leave it"
    return await desk.replays.halt(replay.id, goal)


async def _moved(desk: Desk, replay: Replay) -> tuple[FreshforceError | None, bool]:
    """Return why a plan does not hold any more, and whether nobody knows yet."""
    try:
        async with asyncio.timeout(LOOK):
            await desk.replays.refuse_moved(replay, desk.registry[replay.connection])
    except TimeoutError:
        return None, True
    except Misconfigured as moved:
        return moved, False
    return None, False


def _seen(desk: Desk, replay: Replay) -> Seen | None:
    """Return what its preview found, if that was the newest one of this page."""
    work = desk.works.get(PREVIEW)
    seen = work.result if work else None
    return seen if isinstance(seen, Seen) and seen.plan.id == replay.id else None


def _applying(plan: str) -> Hashable:
    return "replay", plan, "apply"


def _halting(plan: str) -> Hashable:
    return "replay", plan, "halt"


ROUTES: Final = (web.get("/replay/{plan}", show), web.post("/replay/{plan}", act))
