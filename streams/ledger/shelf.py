"""Where one client's books stand: a head entry and many small pages, changed as one.

A fold touches several entries, and a crash may keep the first of them only: the changelog is a prefix. So
the head is written first and carries copies of the pages of its fold; whoever opens the shelf next puts
right what is missing. Without this, totals and the facts they count could part for ever.
"""

from dataclasses import dataclass, field
from typing import Self

from streams.ports import State

_SIZE = 4


@dataclass(slots=True)
class Shelf:
    """The pages of one client; changes are held until `save`."""

    state: State
    key: bytes
    head: bytes
    changed: dict[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def opened(cls, state: State, key: bytes) -> Self:
        """Return the shelf as the last fold left it, mended where a crash tore it."""
        raw = state.get(key, b"")
        size = int.from_bytes(raw[:_SIZE], "big")
        shelf = cls(state, key, raw[_SIZE : _SIZE + size])
        for name, value in _copies(raw[_SIZE + size :]).items():
            if state.get(key + name) != value:
                state[key + name] = value
        return shelf

    def page(self, name: bytes) -> bytes:
        """Return a page, empty when there is none."""
        held = self.changed.get(name)
        return self.state.get(self.key + name, b"") if held is None else held

    def put(self, name: bytes, value: bytes) -> None:
        """Change a page, once saved."""
        self.changed[name] = value

    def save(self, head: bytes) -> None:
        """Write the head with its copies, then the pages: in this order, whatever happens in between."""
        copies = b"".join(_framed(name) + _framed(value) for name, value in self.changed.items())
        self.state[self.key] = _framed(head) + copies
        for name, value in self.changed.items():
            self.state[self.key + name] = value
        self.head = head
        self.changed = {}


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(_SIZE, "big") + part


def _copies(raw: bytes) -> dict[bytes, bytes]:
    parts, at = [], 0
    while at < len(raw):
        size = int.from_bytes(raw[at : at + _SIZE], "big")
        parts.append(raw[at + _SIZE : at + _SIZE + size])
        at += _SIZE + size
    return dict(zip(parts[::2], parts[1::2], strict=True))
