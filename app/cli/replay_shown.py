"""A previewed replay, as people and programs read it."""

from collections.abc import Iterator
from typing import Any

from app.mapping.shown import plain, said
from app.replay.preview import Foreseen, Tally
from app.replay.told import changed
from app.replay.weighing import Sort


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


def _new(found: Foreseen) -> dict[str, Any]:
    return {name: {"to": plain(value)} for name, value in found.command.fields.items()}
