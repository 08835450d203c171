"""The older letters of a row: who discards the newest of a cause means them as well."""

from collections.abc import Iterable, Sequence

from app.view.letters import Letter

_State = tuple[str, int | None, str, str]


def with_older(chosen: Sequence[Letter], known: Iterable[Letter]) -> list[Letter]:
    """Return `chosen`, and of their rows the open letters of states no newer that have the same cause.

    A row that is refused state after state has a letter of each. An older state would change nothing once the
    newest needs nothing. Another cause is another matter, and a newer state fails for itself.
    """
    newest: dict[_State, int] = {}
    for it in chosen:
        if it.row:
            newest[_state(it)] = max(_version(it), newest.get(_state(it), 0))
    ids = {it.id for it in chosen}
    older = (it for it in known if it.row and it.closed is None and it.id not in ids)
    return [*chosen, *(it for it in older if _version(it) <= newest.get(_state(it), -1))]


def _state(letter: Letter) -> _State:
    return letter.connection, letter.entry.get("client"), letter.row, letter.code


def _version(letter: Letter) -> int:
    return int(letter.entry["result"]["version"])
