"""When a connection is polled: every so many seconds, or by a cron expression in a time zone of its own."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

WANDER: Final = 0.1
"""The greatest part of the time between two passes by which one is put off."""

_KIND: Final = "timetable"
_ANY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _cron(text: str) -> str:
    """Return `text` if it is a cron expression that names a time at all."""
    try:
        if text:
            next(CronSim(text, _ANY))
    except (CronSimError, StopIteration) as error:
        says = "{text} names no time: {why}; write minute, hour, day, month, weekday, as in 0 6 * * 1-5"
        why = str(error).lower() or "it never comes"
        raise PydanticCustomError(_KIND, says, {"text": repr(text), "why": why}) from None
    return text


def _zone(name: str) -> str:
    """Return `name` if it is a time zone's."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder of zones
        says = "there is no time zone {name}; write one as in Europe/Berlin or America/Toronto"
        raise PydanticCustomError(_KIND, says, {"name": repr(name)}) from None
    return name


Cron = Annotated[str, Field(pattern=r"^(\S+( +\S+){4})?$", max_length=200), AfterValidator(_cron)]
"""Five fields, or nothing."""
Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_zone)]
"""A name of the IANA time zone database."""


def until_next(cron: Cron, zone: Zone, at: datetime) -> timedelta:
    """Return how long after `at` (aware) the next time is that `cron` names in `zone`.

    As Debian's cron does: of an hour that the clock skips in spring, what it named comes right after; in
    the hour that comes twice in autumn, what is named by the hour comes once, what is named by minutes twice.
    """
    following = next(CronSim(cron, at.astimezone(ZoneInfo(zone))))
    return following.astimezone(UTC) - at


def in_words(cron: Cron, zone: Zone, every: int) -> str:
    """Say to a person when that is."""
    if not cron:
        return f"every {every} s"
    said = CronSim(cron, _ANY).explain()
    return f"{said[0].lower()}{said[1:]} ({zone})"
