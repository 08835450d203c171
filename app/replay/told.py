"""What a preview found, for people: the fields that differ, and the numbers in words."""

from collections.abc import Iterator, Mapping

from app.replay.preview import Foreseen, Tally
from streams.domain.command import Field
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
