"""Gather an incident: what the log and the audit tell of a client; masked, and held against what was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.replay.incident.again import WELL, Again
from app.replay.incident.mask import Mask
from app.replay.incident.said import answers_of, derived, endings, heard
from app.replay.incident.told import Answers, Decision, Incident, Place
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.identity import CommandId
from streams.domain.record import Record

_UNDER_WAY: Final = "under way"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A masked incident, and how true it is."""

    incident: Incident
    otherwise: tuple[str, ...]
    """Rows that end otherwise here, where one message is handled at a time, than the log says."""
    underived: int
    """Commands of the log that today's code and mapping do not derive."""
    faithful: bool
    """Whether the steps decide of the masked values what they decide of the true ones."""


async def gathered(
    connection: Connection, records: Sequence[Record], entries: Sequence[Mapping[str, Any]], secret: bytes
) -> Gathered:
    """Return the masked incident that the records and the audit tell of, with what the steps decide of it.

    The steps go through it with the values as they are, to find which answer belongs to which command, and
    with the masked ones, for what the test will expect.

    Raises:
        Unmaskable: the mapping does not work without its texts.
    """
    mask = Mask(secret, records, connection)
    true = await _answered(Incident(connection=connection, records=tuple(records)), entries)
    masked = Incident(
        connection=mask.connection(connection),
        heard=tuple(map(mask.heard, heard(entries))),
        records=tuple(map(mask.record, records)),
    )
    trial = Again(masked)
    await trial.run()
    answers = tuple(
        Answers(
            place=it.place,
            content=trial.commands[it.place].content,
            said=tuple(map(mask.answered, it.said)),
        )
        for it in true.incident.answers
        if it.place in trial.commands
    )
    masked = masked.model_copy(update={"answers": answers})
    here = Again(masked)
    await here.run()
    return Gathered(
        masked.model_copy(update={"decided": tuple(here.decided)}),
        tuple(_otherwise(true, here, endings(entries))),
        len(derived(entries) - {it.id for it in true.commands.values()} - true.shares),
        _course(true.decided) == _course(here.decided),
    )


async def _answered(bare: Incident, entries: Sequence[Mapping[str, Any]]) -> Again:
    """Go through an incident with the answers that the audit tells of."""
    trial = Again(bare)
    await trial.run()
    known = answers_of(entries)
    places = _places(trial.commands)
    answers = tuple(
        Answers(place=place, content=trial.commands[place].content, said=tuple(known[command]))
        for command, place in places.items()
        if command in known
    )
    found = Again(bare.model_copy(update={"answers": answers}))
    await found.run()
    return found


def _places(commands: Mapping[Place, Command]) -> dict[CommandId, Place]:
    """Return where each command was called for first."""
    found: dict[CommandId, Place] = {}
    for place, command in commands.items():
        found.setdefault(command.id, place)
    return found


def _otherwise(true: Again, here: Again, then: Mapping[str, str]) -> Iterator[str]:
    """Yield the commands that ended well then and not here, or here and not then, by their masked names."""
    for command, place in _places(true.commands).items():
        now, was = true.endings.get(command, _UNDER_WAY), then.get(command)
        if was is not None and was != now and not {was, now} <= WELL:
            known = here.commands.get(place)
            named = f"{known.sobject} {known.external_id}" if known else "a row"
            yield f"{named}: {was} then, {now} here"


def _course(decided: Iterable[Decision]) -> list[tuple[object, ...]]:
    """Return what was decided, values and names aside."""
    return [(it.step, it.verdict, [row["sobject"] for row in it.rows]) for it in decided]
