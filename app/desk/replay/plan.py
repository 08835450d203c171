"""One plan: what it would do, whether that still holds, and the buttons that carry it out or halt it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final

from aiohttp import web

from app.desk.desk import Desk, desk_of
from app.desk.pages import page, see
from app.desk.replay.looking import PREVIEW, Seen, moving
from app.desk.signing import remembered, signed
from app.desk.works import Work
from app.replay.told import acts, writes
from streams.domain.errors import FreshforceError, Misconfigured, Refused
from streams.domain.replay import Replay, ReplayState

LOOK: Final = 5.0
"""Seconds that a page waits to learn what moved; whoever applies looks again, however long it takes."""
_HALTS: Final = {"pause": ReplayState.PAUSED, "stop": ReplayState.STOPPED}
_APPLY: Final = "apply"
_SURE: Final = frozenset({"apply", "stop"})
"""What is done only once somebody says that he means it."""


async def show(request: web.Request) -> web.Response:
    """Show a plan as it stands now; one that runs is followed to its end."""
    desk = desk_of(request)
    replay = await desk.replays.one(request.match_info["plan"])
    works = _works(desk, replay)
    if replay.state is ReplayState.RUNNING and not any(each.under_way for each in works):
        _begin(desk, replay, lambda begun: desk.replays.follow(replay.id, moving(begun)))
        works = _works(desk, replay)
    under_way = [each for each in works if each.under_way]
    resting = replay.state in {ReplayState.PLANNED, ReplayState.PAUSED} and not under_way
    error, unsure = await _moved(desk, replay) if resting else (None, False)
    shown = f"{replay.state.value}-{_halting(desk, replay) or 'on'}"
    facts: dict[str, Any] = {
        "replay": replay,
        "seen": _seen(desk, replay),
        "work": under_way[-1] if under_way else None,
        "failed": next((each.error for each in works if each.error), None),
        "busy": bool(under_way),
        "halting": _halting(desk, replay) is not None,
        "moved": error,
        "unsure": unsure,
        "acts": [*acts(replay)],
        "writes": writes(replay),
        "shown": shown,
        "only_live": bool(under_way) and request.query.get("shown") == shown,
    }
    return page(request, "replay/plan.html", **facts)


async def act(request: web.Request) -> web.Response:
    """Apply, resume, pause or stop a plan."""
    desk, form = desk_of(request), await request.post()
    replay = await desk.replays.one(request.match_info["plan"])
    wish, by = str(form.get("do", "")), signed(request, form)
    if wish in _SURE and form.get("sure") != "yes":
        message = "nothing was done: it was not confirmed"
        raise Refused(message, "go back and tick the box beside the button", "not-confirmed")
    _refuse_at_once(desk, replay, wish)
    if wish in _HALTS:
        goal = _HALTS[wish]
        desk.works.forget(_key(replay, _APPLY))
        desk.works.begin(_key(replay, wish), lambda begun: _halt(desk, replay, goal, by, begun))
    elif wish in {"apply", "resume"}:
        for each in _HALTS:
            desk.works.forget(_key(replay, each))
        _begin(desk, replay, lambda begun: _carry(desk, replay, by, begun))
    else:
        message = f"a plan cannot be told to {wish or 'do nothing'}"
        raise Misconfigured(message, "use the buttons of its page", "no-such-act")
    return remembered(see(f"/replay/{replay.id}"), form)


def _refuse_at_once(desk: Desk, replay: Replay, wish: str) -> None:
    """Refuse what would come between the deeds of another button; the same button twice is once."""
    halting, applying = _halting(desk, replay), desk.works.get(_key(replay, _APPLY))
    begins = applying is not None and applying.under_way and replay.state is not ReplayState.RUNNING
    if halting not in {None, wish}:
        message = f"nothing was done: replay {replay.id} is about to {halting}"
    elif wish in _HALTS and begins:
        message = f"nothing was done: the workers are just stepping aside to begin replay {replay.id}"
    else:
        return
    raise Refused(message, "wait some seconds until its page says what became of it", "not-now")


def _begin(desk: Desk, replay: Replay, work: Callable[[Work[Replay]], Awaitable[Replay]]) -> Work[Replay]:
    return desk.works.begin(_key(replay, _APPLY), work)


async def _carry(desk: Desk, replay: Replay, by: str, begun: Work[Replay]) -> Replay:
    connection = desk.registry[replay.connection]
    begun.says = "the workers step aside, then read again"
    return await desk.replays.apply(replay.id, connection, moving(begun), by)


async def _halt(desk: Desk, replay: Replay, goal: ReplayState, by: str, begun: Work[Replay]) -> Replay:
    begun.says = "the workers step aside and leave it"
    return await desk.replays.halt(replay.id, goal, by)


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


def _works(desk: Desk, replay: Replay) -> list[Work[Replay]]:
    found = (desk.works.get(_key(replay, each)) for each in (_APPLY, *_HALTS))
    return [each for each in found if each is not None]


def _halting(desk: Desk, replay: Replay) -> str | None:
    """Return which halt is under way."""
    found = ((wish, desk.works.get(_key(replay, wish))) for wish in _HALTS)
    return next((wish for wish, work in found if work is not None and work.under_way), None)


def _key(replay: Replay, wish: str) -> Hashable:
    return "replay", replay.id, wish


ROUTES: Final = (web.get("/replay/{plan}", show), web.post("/replay/{plan}", act))
