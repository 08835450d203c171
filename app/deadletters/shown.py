"""Dead letters as a person, or a program, reads them."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from app.deadletters.outdated import Outdated
from app.view.closings import Closing
from app.view.letters import Group, Letter


def plain(letter: Letter) -> dict[str, Any]:
    """Return one letter as a JSON object."""
    kind, number = letter.about or (None, None)
    return {
        "id": letter.id,
        "at": letter.at.isoformat(),
        "connection": letter.connection,
        "step": letter.step,
        "object": kind,
        "object_id": number,
        "row": letter.row,
        "place": _place(letter),
        "code": letter.code,
        "reason": letter.reason,
        "mend": letter.mend,
        "behind": letter.behind,
        "newer": letter.newer,
        "closed": None if letter.closed is None else _closed(letter.closed),
    }


def spelled(letter: Letter) -> Iterator[tuple[str, str]]:
    """Yield one letter for a person: what each thing is, and it; what does not apply is left out."""
    kind, number = letter.about or ("", "")
    told = {
        "id": letter.id,
        "at": f"{letter.at:%F %T} UTC",
        "connection": letter.connection,
        "object": f"{kind} {number}".strip(),
        "row": letter.row,
        "step": letter.step,
        "place": _place(letter),
        "code": letter.code,
        "reason": letter.why,
        "mend": letter.mend,
        "behind": _behind(letter.behind),
        "newer": letter.newer and newer_line(letter.newer),
        "closed": "" if letter.closed is None else closed_line(letter.closed),
    }
    return ((name, value) for name, value in told.items() if value)


def _place(letter: Letter) -> str:
    place = letter.place
    return f"{place.topic}/{place.partition}/{place.offset}"


def _behind(rows: int) -> str:
    return f"{rows:,} {'row waits' if rows == 1 else 'rows wait'} for what is done about it" if rows else ""


def plain_outdated(found: Outdated | None) -> dict[str, Any]:
    """Return what there is to know of a row that an older mapping made, as part of its letter's JSON."""
    if found is None:
        return {"older_mapping": None}
    told = {"made_by": found.made_by, "today": found.today, "replay": found.replay}
    return {"older_mapping": told}


def _closed(closing: Closing) -> dict[str, str]:
    """Return what closed a letter as a JSON object."""
    said = {"at": closing.at.isoformat(), "how": closing.how, "why": closing.why}
    return said | ({"actor": closing.actor} if closing.actor else {})


def closed_line(closing: Closing) -> str:
    """Return what closed a letter as a line for a person."""
    by = f" by {closing.actor}" if closing.actor else ""
    return f"{closing.how}{by}, {closing.at:%F %T}: {closing.why}"


def newer_line(newer: str) -> str:
    """Return what a person should know of a letter whose row failed again in a newer state."""
    return f"{newer[:12]}: its row failed again in a newer state; see to that one, for which the rest waits"


def plain_group(group: Group) -> dict[str, Any]:
    """Return a group as a JSON object, with the ids of all its letters."""
    its = group.letters
    return {
        "code": group.code,
        "step": group.step,
        "count": len(its),
        "closed": sum(letter.closed is not None for letter in its),
        "behind": group.behind,
        "connections": sorted({letter.connection for letter in its}),
        "first": its[-1].at.isoformat(),
        "last": its[0].at.isoformat(),
        "mend": group.mend,
        "ids": [letter.id for letter in its],
    }


def table(found: Sequence[Group]) -> Table:
    """Return the groups as a table; a cause keeps its line, for it is typed again after `--cause`."""
    any_closed = any(letter.closed for group in found for letter in group.letters)
    shown = Table()
    shown.add_column("cause and mend", overflow="fold", ratio=1)
    for heading in ("count", *(["closed"] if any_closed else []), "wait\nbehind"):
        shown.add_column(heading)
    shown.add_column("newest, its id", no_wrap=True)
    for group in found:
        newest = group.letters[0]
        closed = sum(letter.closed is not None for letter in group.letters)
        counts = (group.count, *([closed or ""] if any_closed else []), group.behind or "")
        cause = f"{group.code}\nat {group.step}: {group.mend or 'see its reason'}"
        shown.add_row(cause, *map(str, counts), f"{newest.at:%F %T}\n{newest.id[:12]}")
    return shown
