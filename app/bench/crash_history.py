"""Did a row of Salesforce ever go back? Each write that it saw is traced to the commands that it may show."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

Json = Mapping[str, Any]

SHOWN: Final = {
    "Account": ("Name", "FreshBooks_Outstanding__c", "FreshBooks_Paid__c"),
    "Opportunity": (
        "Name",
        "StageName",
        "FreshBooks_Amount__c",
        "FreshBooks_Outstanding__c",
        "FreshBooks_Payment_Status__c",
    ),
}
"""Fields that tell the states of a row apart."""

State = tuple[int, tuple[Any, ...]]
"""A version of a row, and what it shows in those fields."""


@dataclass(frozen=True, slots=True)
class Relapse:
    """A write that brought an older state back over a newer one."""

    row: str
    write: int
    """Which write of the row it was."""
    writes: int
    newest: int
    """Version that the row had reached."""
    to: tuple[int, ...]
    """Versions that the write may show."""
    when: str

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.to)) or "none"
        place = f"write {self.write} of {self.writes} at {self.when}"
        return f"{self.row}: {place} went from {self.newest} to {shown}"


def relapses(commands: Iterable[Json], histories: Mapping[tuple[str, str], Sequence[Json]]) -> list[Relapse]:
    """Return every write after which a row showed less than before; `histories` by object and external id.

    A write says only what it changed: what it leaves alone (a stage that is right already) is as it was.
    A write is taken for the lowest version, not below what was reached, that it may show: so two equal
    states are never mistaken for a step back, and what is found is one for certain.
    """
    states: defaultdict[tuple[str, str], set[State]] = defaultdict(set)
    for command in commands:
        if command["sobject"] in SHOWN:
            states[command["sobject"], command["external_id"]].add((command["version"], _asked(command)))
    return [found for row, history in histories.items() for found in _of(row, states[row], history)]


def _of(row: tuple[str, str], states: set[State], history: Sequence[Json]) -> Iterator[Relapse]:
    reached, held = -1, dict[str, Any]()
    for number, write in enumerate(history, 1):
        held |= write
        shown = tuple(_plain(held.get(name)) for name in SHOWN[row[0]])
        fitting = sorted(version for version, state in states if state == shown)
        ahead = [version for version in fitting if version >= reached]
        if not ahead:
            moment = str(write.get("LastModifiedDate"))
            yield Relapse(" ".join(row), number, len(history), reached, tuple(fitting), moment)
        reached = ahead[0] if ahead else max(fitting, default=reached)


def _asked(command: Json) -> tuple[Any, ...]:
    return tuple(_plain(command["fields"].get(name)) for name in SHOWN[command["sobject"]])


def _plain(value: Any) -> Any:
    """Return a value so that a command's and a row's compare: numbers by amount, stages by name."""
    match value:
        case {"figure": str(figure)}:
            return Decimal(figure).normalize()
        case {"phase": str(), "name": str(name)}:
            return name
        case int() | float():
            return Decimal(str(value)).normalize()
        case _:
            return value
