"""Replays, told by what matters in a test."""

from datetime import UTC, datetime

from streams.domain.replay import Replay, ReplayState, Source, Stretch
from tests.builders.records import ACME

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def a_replay(  # noqa: PLR0913  # all have defaults; a test names what matters
    *stretches: Stretch,
    only: str = "",
    state: ReplayState = ReplayState.RUNNING,
    source: Source = Source.RECORDS,
    forced: bool = False,
    id_: str = "3f29c6d1a0b7",
    until: datetime | None = None,
) -> Replay:
    """Return a replay of `acme`; without stretches of partition 0 from 2 to before 6, which was done to 8."""
    return Replay(
        id=id_,
        connection=ACME,
        source=source,
        only=only,
        forced=forced,
        mapping="test",
        planned_at=NOON,
        rows=1,
        calls=1,
        stretches=stretches or (a_stretch(2, 6, 8),),
        state=state,
        until=until,
    )


def a_stretch(begin: int, end: int, passed: int = 0, *, partition: int = 0) -> Stretch:
    return Stretch(partition=partition, begin=begin, end=end, passed=passed)
