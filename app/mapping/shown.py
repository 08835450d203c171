"""What a mapping says and does, as people and programs read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.mapping.rehearsal import Difference, Sort, Tally
from streams.domain.command import Field, Figure, Items, Lookup, Stage
from streams.mapping.catalogue import everything
from streams.mapping.exact import FILTERS
from streams.mapping.fact import Left


def names() -> list[dict[str, Any]]:
    """Return every fact that a mapping may refer to: name, kind, meaning, and the objects that may use it."""
    return [
        {
            "name": fact.name,
            "kind": fact.kind.value,
            "says": fact.says,
            "for": [sobject.value for sobject in sobjects],
        }
        for fact, sobjects in everything().values()
    ]


def filters() -> dict[str, str]:
    """Return what a template may do with a value."""
    return {name: says for name, (says, _) in FILTERS.items()}


def plain(value: Field | Left) -> Any:
    """Return what a field gets as JSON has it: a number as text, so that no digit is lost."""
    match value:
        case Figure(figure=amount):
            return f"{amount:f}"
        case Lookup():
            return {value.external_id_field: value.external_id}
        case Stage():
            return value.name
        case Items():
            return value.model_dump(mode="json")
        case Left():
            return {"left": "alone"}
        case _:
            return value


def said(value: Field | Left) -> str:  # noqa: PLR0911 - one kind of value a line
    """Return what a field gets, for a person."""
    match value:
        case None:
            return "(cleared)"
        case Left():
            return "(left alone)"
        case Figure(figure=amount):
            return f"{amount:f}"
        case Lookup(external_id=external_id):
            return f"the row {external_id}"
        case Items(items=items):
            return ", ".join(f"{it.quantity:f} {it.name} at {it.price:f}" for it in items)
        case bool():
            return "true" if value else "false"
        case str(text) | Stage(name=text):
            return repr(text)


def plain_difference(found: Difference) -> dict[str, Any]:
    """Return one differing row for a program."""
    fields = {name: {"from": plain(old), "to": plain(new)} for name, (old, new) in found.fields.items()}
    return {
        "object": found.sobject.value,
        "external_id": found.external_id,
        "becomes": found.sort.value,
        "fields": fields,
    }


def lines(found: Difference) -> Iterator[str]:
    """Yield one differing row for a person."""
    yield f"{found.sobject.value} {found.external_id}: {found.sort.value}"
    for name, (old, new) in found.fields.items():
        yield f"  {name}: {said(new)}" if found.sort is Sort.ADDED else f"  {name}: {said(old)} → {said(new)}"


def plain_tally(tally: Tally) -> Mapping[str, Any]:
    """Return the numbers for a program."""
    differing = [
        {"object": sobject.value, "becomes": sort.value, "rows": count}
        for (sobject, sort), count in sorted(tally.differing.items())
    ]
    return {
        "clients": tally.clients,
        "rows": tally.rows,
        "differing": differing,
        "calls": tally.calls,
        "failures": dict(tally.failures),
        "present_failures": dict(tally.present_failures),
        "unreadable": tally.unreadable,
    }


def summary(tally: Tally) -> Iterator[str]:
    """Yield the numbers for a person."""
    for (sobject, sort), count in sorted(tally.differing.items()):
        yield f"{sobject.value}: {count:,} {sort.value}"
    changed, calls = sum(tally.differing.values()), _some(tally.calls, "API call")
    yield f"{changed:,} of {_some(tally.rows, 'row')} of {_some(tally.clients, 'client')} differ: {calls}"
    for why, count in tally.failures.items():
        yield f"fails for {_some(count, 'client')}: {why}"
    for why, count in tally.present_failures.items():
        yield f"the present one fails for {_some(count, 'client')}: {why}"
    if tally.unreadable:
        yield f"{_some(tally.unreadable, 'record')} of the log could not be read"


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
