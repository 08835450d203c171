"""What must hold after every schedule: the invariants of the design (section 5) that a schedule can break."""

from collections.abc import Iterator, Mapping, Sequence

from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.event import Event
from streams.domain.record import Record
from streams.topics import AUDIT, COMMANDS, DEADLETTERS, EVENTS, RECORDS
from tests.builders.shown import shown
from tests.model import ONE_MORNING, expected
from tests.simulation.scene import Scene

WAYSIDE = {Verdict.PARKED, Verdict.RELEASED}
"""Said of a command on its way: no end."""


def broken(scene: Scene) -> Iterator[str]:
    """Yield the promises that were broken, each in a sentence."""
    yield from scene.wrong
    for letter in scene.values(DEADLETTERS, DeadLetter):
        if letter.code != scene.buries:
            yield f"a message was buried: {letter!r}"
    yield from _differences(scene)
    yield from overwritten(scene.sent())
    yield from unended(scene)
    yield from committed_to_the_end(scene)


def committed_to_the_end(scene: Scene) -> Iterator[str]:
    """Yield the partitions in which something is not done."""
    for spot, log in scene.broker.logs.items():
        if spot[0] in {EVENTS.name, RECORDS.name, COMMANDS.name} and scene.broker.committed[spot] != len(log):
            yield f"{spot} is not committed to its end"


def _differences(scene: Scene) -> Iterator[str]:
    found = {(sobject.value, id_): shown(row) for (_, sobject, id_), row in scene.org.rows.items()}
    for name, row in expected(scene.keeper.objects.values(), ONE_MORNING).items():
        wanted = {field: value for field, value in row.items() if value is not None}
        if found.get(name) != wanted:
            yield f"{name} should be {wanted}, is {found.get(name)}"


def overwritten(written: Sequence[Command]) -> Iterator[str]:
    """Yield the rows that went back to an older state."""
    newest: dict[str, int] = {}
    for command in written:
        if command.version < newest.get(command.row, -1):
            yield f"{command.row} went back to {command.version} from {newest[command.row]}"
        newest[command.row] = command.version


def unended(scene: Scene) -> Iterator[str]:
    """Yield what ended never, or in two ways; a repeat says the same under the same id."""
    said: dict[tuple[Step, str], set[str]] = {}
    for entry in scene.values(AUDIT, AuditEntry):
        if entry.verdict not in WAYSIDE:
            said.setdefault((entry.step, entry.cause), set()).add(entry.id)
    for event in scene.values(EVENTS, Event):
        if len(said.get((Step.FETCH, event.id), ())) != 1:
            yield f"event {event.id} ended {said.get((Step.FETCH, event.id))}"
    for record in scene.values(RECORDS, Record):
        if (Step.TRANSLATE, record.id) not in said:
            yield f"record {record.id} was not translated"
    yield from _unended_commands(scene, said)


def _unended_commands(scene: Scene, said: Mapping[tuple[Step, str], set[str]]) -> Iterator[str]:
    """Yield the commands without one end.

    Known and allowed: one that waited and was overtaken may lack its last word. Its owner died when Kafka
    had the table's change and not yet the word, and the overtaking command, read again, does not know of
    it any more. No row is wrong for that.
    """
    entries = scene.values(AUDIT, AuditEntry)
    buried = {it.cause for it in entries if it.verdict is Verdict.DEAD_LETTER}
    waited = {it.cause for it in entries if it.verdict is Verdict.PARKED}
    for command in scene.values(COMMANDS, Command):
        ends = said.get((Step.DELIVER, command.id), set())
        if command.id in buried and ends:
            continue  # it may be tried again, and discarded, and both
        if len(ends) != 1 and (ends or command.id not in waited):
            yield f"command {command.id} ended {ends or None}"
