"""A trace as a person reads it: one line a happening, the time since the one before, the ids."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from app.view.happening import Happening


class Line(NamedTuple):
    """One line of a story."""

    time: str
    """Time of day (UTC); where the day begins or changes, the day before it."""
    since: str
    """Seconds since the line before."""
    who: str
    """The step and its verdict."""
    what: str


def story(happenings: Sequence[Happening]) -> Iterator[Line]:
    """Yield the lines of a life; what one step decided alike in one breath is one line."""
    before = None
    for _, alike in groupby(happenings, _alike):
        its = list(alike)
        at, entry = its[0].at, its[0].entry
        since = "" if before is None else f"+{(at - before).total_seconds():.3f}"
        day = "" if before is not None and before.date() == at.date() else f"{at:%F}\n"
        before = its[-1].at
        time = f"{at:%H:%M:%S.%f}"[:-3]
        yield Line(day + time, since, f"{entry['step']}: {entry['verdict']}", _told(its))


def says(entry: dict[str, Any]) -> str:
    """Return what an audit entry says, in a few words and ids."""
    parts = [_object(entry), *_result(entry.get("result")), *_details(entry.get("details") or {})]
    return "; ".join(part for part in (*parts, _rule(entry)) if part)


def _alike(happening: Happening) -> tuple[object, ...]:
    """Say when two neighbours are told together; what a webhook brought is told alone."""
    entry = happening.entry
    alone = happening.entry["id"] if (entry.get("details") or {}).get("webhook") else ""
    return entry["step"], entry["verdict"], entry.get("rule", ""), alone, happening.again


def _told(its: Sequence[Happening]) -> str:
    if len(its) == 1:
        return "; ".join(filter(None, (says(its[0].entry), _once_more(its[0]))))
    rule = _rule(its[0].entry)
    last = {_row(happening.entry): {**happening.entry, "rule": ""} for happening in its}
    told = "\n".join(map(_counted, Counter(filter(None, map(says, last.values()))).items()))
    more = f"; {len(its)} commands" if len(last) < len(its) else ""
    return "; ".join(filter(None, (told + more, rule, _once_more(its[0]))))


def _counted(said: tuple[str, int]) -> str:
    text, times = said
    return f"{text}, {times} times" if times > 1 else text


def _once_more(it: Happening) -> str:
    """Return which replay sent a row, and from where it had come before; nothing of what no replay did."""
    if it.again is None or not it.again.record:
        return ""
    event = f" of event {it.again.event}" if it.again.event else ""
    return f"by replay {it.again.plan} ({it.again.by}), before from record {it.again.record}{event}"


def _row(entry: dict[str, Any]) -> object:
    """Name the Salesforce row that an entry is about; of those, the last version tells enough."""
    result = entry.get("result")
    return (result["sobject"], result["external_id"]) if result else entry["id"]


def _rule(entry: dict[str, Any]) -> str:
    """Return the rule that decided; the code of a dead letter stands beside its row already."""
    rule = str(entry.get("rule") or "")
    return "" if rule == (entry.get("result") or {}).get("code") else rule


def _object(entry: dict[str, Any]) -> str:
    if not entry.get("object"):
        return ""
    caused = len(entry.get("caused") or ())
    what = {"fetch": "record", "translate": "row"}.get(entry["step"])
    follows = f": {caused} {what}{'' if caused == 1 else 's'}" if what else ""
    return f"{entry['object']} {entry['object_id']}{follows}"


def _result(result: dict[str, Any] | None) -> Iterator[str]:
    if result is None:
        return
    where = f" → {result['salesforce_id']}" if result.get("salesforce_id") else ""
    yield f"{result['sobject']} {result['external_id']} version {result['version']}{where}"
    if result.get("code"):
        yield f"{result['code']} {', '.join(result.get('fields') or ())}".strip()


def _details(details: dict[str, Any]) -> Iterator[str]:
    """Yield what else is known; a webhook's body says its source and its action itself."""
    webhook = details.get("webhook")
    if webhook:
        at = str(details.get("received_at", ""))[11:23]
        yield f"webhook of {at} {webhook['body']} (signature fits verifier {webhook['verifier']})"
    for name, value in details.items():
        if name != "webhook" and value not in (None, "", [], False) and not (webhook and name in _IN_WEBHOOK):
            yield f"{name.replace('_', ' ')} {_plain(value)}"


_IN_WEBHOOK = ("source", "action", "received_at")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "yes" if value is True else str(value)
