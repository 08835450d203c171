"""What a preview found, for people: the fields that differ, the numbers in words, and who did what of it."""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from app.replay.preview import Foreseen, Tally
from app.replay.reach import Reach
from app.salesforce.reads.today import costs
from streams.domain.command import Field
from streams.domain.replay import Replay, ReplayState, Source
from streams.mapping.fact import LEFT, Left

Fields = Mapping[str, tuple[Field | Left | None, Field | Left]]


def changed(found: Foreseen) -> Fields | None:
    """Return the fields that differ, each as it was and as it would be; None when what was is not known."""
    if found.before is None:
        return None
    names = dict.fromkeys((*found.before, *found.command.fields))
    pairs = {name: (found.before.get(name, LEFT), found.command.fields.get(name, LEFT)) for name in names}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def summary(tally: Tally) -> Iterator[str]:
    """Yield the numbers for a person."""
    for (sobject, sort), count in sorted(tally.rows.items()):
        yield f"{sobject.value}: {count:,} {sort.value}"
    counts = tally.counts
    if not (tally.rows or tally.left_alone or counts.messages or counts.unreadable):
        yield "the log has nothing of it there: nothing would be read again"
        return
    if counts.objects:
        yield f"{counts.messages:,} events: {len(counts.objects):,} objects are read from FreshBooks again"
        yield "which rows differ then, FreshBooks alone knows"
        return
    old = f"{counts.superseded:,} of {counts.messages:,} messages are old news"
    yield f"{tally.left_alone:,} rows left alone; {old}"
    for why, count in counts.failures.items():
        yield f"{count:,} records would become dead letters: {why}"
    if counts.unreadable:
        yield f"{counts.unreadable:,} records cannot be read"


def price(tally: Tally, budget: Mapping[str, Any]) -> str:
    """Return in words what it takes of the org's calls of today."""
    if tally.counts.objects:
        return "API calls: as many as the rows take that differ then, up to 200 rows each"
    return costs(tally.calls, budget)


def writes(replay: Replay) -> str:
    """Return in words what a plan writes; of events FreshBooks alone knows."""
    if replay.source is Source.EVENTS:
        return "the rows that differ once FreshBooks is read again"
    return f"{replay.rows:,} {_many('row', replay.rows)}, {replay.calls:,} API {_many('call', replay.calls)}"


def how_far(replay: Replay, reach: Reach) -> str:
    """Return in words how far a replay has come."""
    match replay.state:
        case ReplayState.PLANNED:
            return f"{reach.of:,} {_many('message', reach.of)}"
        case ReplayState.RUNNING:
            return f"{reach.of - reach.left:,} of {reach.of:,} {_many('message', reach.of)}"
        case ReplayState.ASKED | ReplayState.PAUSED | ReplayState.STOPPED:
            return f"{reach.left:,} {_many('message', reach.left)} left"
        case ReplayState.DONE:
            return ""
        case never:
            assert_never(never)


def acts(replay: Replay) -> Iterator[str]:
    """Yield who did what about a plan, as far as it is known."""
    halted = "stopped" if replay.state is ReplayState.STOPPED else "paused"
    for act, by in (
        ("previewed", replay.previewed_by),
        ("applied", replay.applied_by),
        (halted, replay.halted_by),
    ):
        if by:
            yield f"{act} by {by}"


def last_by(replay: Replay) -> str:
    """Return who brought a plan to where it stands; empty when that is not known."""
    if replay.state in {ReplayState.PAUSED, ReplayState.STOPPED}:
        return replay.halted_by
    return replay.applied_by or replay.previewed_by


def _many(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
