"""Commands and rows, shown the way the model writes them."""

from collections.abc import Iterable, Mapping

from streams.domain.command import Command, Field, Figure, Lookup, Stage
from tests.model import Row, Rows


def shown(fields: Mapping[str, Field]) -> Row:
    """Return the fields of a row: figures as Decimals, parents as their external ids, stages by name."""
    return {name: _plain(value) for name, value in fields.items()}


def settled(commands: Iterable[Command]) -> Rows:
    """Return the rows that the commands make: of each the highest version, the later of equals."""
    newest: dict[tuple[str, str], Command] = {}
    for command in commands:
        name = (command.sobject.value, command.external_id)
        if name not in newest or command.version >= newest[name].version:
            newest[name] = command
    return {name: shown(command.fields) for name, command in newest.items()}


def _plain(value: Field) -> object:
    match value:
        case Figure(figure=amount):
            return amount
        case Lookup(external_id=external_id):
            return external_id
        case Stage(name=name):
            return name
        case _:
            return value
