"""Dead letters as a person, or a program, reads them."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from app.view.letters import Group, Letter


def plain(letter: Letter) -> dict[str, Any]:
    """Return one letter as a JSON object."""
    place = letter.place
    return {
        "id": letter.id,
        "at": letter.at.isoformat(),
        "connection": letter.connection,
        "step": letter.step,
        "object": letter.entry.get("object"),
        "object_id": letter.entry.get("object_id"),
        "place": f"{place.topic}/{place.partition}/{place.offset}",
        "code": letter.code,
        "reason": letter.reason,
        "mend": letter.mend,
        "retried_at": letter.retried_at and letter.retried_at.isoformat(),
    }


def plain_group(group: Group) -> dict[str, Any]:
    """Return a group as a JSON object, with the ids of all its letters."""
    its = group.letters
    return {
        "code": group.code,
        "step": group.step,
        "count": len(its),
        "connections": sorted({letter.connection for letter in its}),
        "first": its[-1].at.isoformat(),
        "last": its[0].at.isoformat(),
        "mend": group.mend,
        "ids": [letter.id for letter in its],
    }


def table(found: Iterable[Group]) -> Table:
    """Return the groups as a table."""
    shown = Table("cause", "step", "count", "newest", "mend", "id of the newest")
    for group in found:
        newest = group.letters[0]
        shown.add_row(
            group.code, group.step, str(len(group.letters)), f"{newest.at:%F %T}", group.mend, newest.id[:12]
        )
    return shown
