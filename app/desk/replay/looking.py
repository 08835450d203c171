"""A preview as the page has it: read from the form, made in the background, kept for the plan's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.connect.salesforce import org
from app.desk.desk import Desk
from app.desk.works import Work
from app.mapping.shown import said
from app.replay.preview import Foreseen
from app.replay.replays import Asked
from app.replay.told import changed, price, summary
from app.replay.weighing import Sort
from app.salesforce.reads.today import todays
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.replay import Replay, Source
from streams.domain.scope import Scope

PREVIEW: Final = "replay preview"
MOST: Final = 200
"""Rows of a plan that its page shows; the command shows all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that would be sent, in words."""

    name: str
    becomes: str
    fields: tuple[tuple[str, str, str], ...]
    """Name, as it was (empty: not known, or not there), as it would be."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a preview found."""

    plan: Replay
    says: tuple[str, ...]
    costs: str
    rows: tuple[Row, ...]
    more: int
    """Rows beyond those that are kept."""


def asked(form: Mapping[str, Any], connection: Connection) -> Asked:
    """Return which replay a form asks for.

    Raises:
        Misconfigured: a field says nothing that can be replayed.
    """
    since, only = str(form.get("since", "")).strip(), str(form.get("only", "")).strip()
    try:
        source = Source(str(form.get("source", Source.RECORDS.value)))
        moment = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    except ValueError:
        message = f"{since or 'the source'} cannot be replayed from"
        raise Misconfigured(
            message, "give a day as YYYY-MM-DD, and one of the sources", "bad-scope"
        ) from None
    Scope.of(connection.name, only, source)
    return Asked(only, source, form.get("forced") == "yes", moment)


async def look(desk: Desk, connection: Connection, wanted: Asked, by: str, begun: Work[Seen]) -> Seen:
    """Preview for `by`, and remember the plan's rows for its page."""
    begun.says = f"{wanted.source.value} are derived again; nothing is written"
    rows, count = list[Row](), 0

    def tell(found: Foreseen) -> None:
        nonlocal count
        count += 1
        if count <= MOST:
            rows.append(in_words(found))

    plan, tally = await desk.replays.preview(connection, wanted, tell, moving(begun), by)
    client = org(desk.registry, desk.send, connection, allow_http=desk.settings.allow_http_vendors)
    cost = price(tally, await todays(client, connection.api_share))
    return Seen(plan, (*summary(tally),), cost, (*rows,), count - len(rows))


def moving(begun: Work[Any]) -> Any:
    """Return a progress that shows in a work."""

    def move(done: int, total: int) -> None:
        begun.steps, begun.of = done, total

    return move


def in_words(found: Foreseen) -> Row:
    """Return a foreseen row for a page."""
    command, differ = found.command, changed(found)
    name = f"{command.sobject.value} {command.external_id}"
    if differ is not None:
        fields = tuple((field, said(old), said(new)) for field, (old, new) in differ.items())
    elif found.sort is Sort.SENT_AGAIN:
        fields = ()
    else:
        fields = tuple((field, "", said(value)) for field, value in command.fields.items())
    return Row(name, found.sort.value, fields)
