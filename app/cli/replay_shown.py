"""A previewed replay, as people and programs read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.mapping.shown import plain, said
from app.replay.preview import Foreseen, Tally
from app.replay.weighing import Sort
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


def plain_row(found: Foreseen) -> dict[str, Any]:
    """Return one row for a program."""
    command, fields = found.command, changed(found)
    its = {"object": command.sobject.value, "external_id": command.external_id, "client": command.client}
    if fields is None:
        return {**its, "becomes": found.sort.value, "fields": _new(found), "before": None}
    told = {name: {"from": plain(old), "to": plain(new)} for name, (old, new) in fields.items()}
    return {**its, "becomes": found.sort.value, "fields": told}


def lines(found: Foreseen) -> Iterator[str]:
    """Yield one row for a person."""
    yield f"{found.command.sobject.value} {found.command.external_id}: {found.sort.value}"
    fields = changed(found)
    if fields is not None:
        yield from (f"  {name}: {said(old)} → {said(new)}" for name, (old, new) in fields.items())
    elif found.sort is not Sort.SENT_AGAIN:
        if found.sort is Sort.CHANGED:
            yield "  (what was delivered before is no longer kept: all its fields)"
        yield from (f"  {name}: {said(value)}" for name, value in found.command.fields.items())


def plain_tally(tally: Tally) -> dict[str, Any]:
    """Return the numbers for a program."""
    rows = [
        {"object": sobject.value, "becomes": sort.value, "rows": count}
        for (sobject, sort), count in sorted(tally.rows.items())
    ]
    return {
        "rows": rows,
        "left_alone": tally.left_alone,
        "messages": tally.counts.messages,
        "reads": len(tally.counts.objects),
        "superseded": tally.counts.superseded,
        "unreadable": tally.counts.unreadable,
        "failures": dict(tally.counts.failures),
        "calls": tally.calls,
    }


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


def _new(found: Foreseen) -> dict[str, Any]:
    return {name: {"to": plain(value)} for name, value in found.command.fields.items()}
