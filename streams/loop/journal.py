"""A step's table for one partition, which remembers what changed: the changes leave with the outputs."""

from collections.abc import Iterator, MutableMapping, Sequence

from streams.loop.contract import Sendable, Spot
from streams.ports import State


class Journal(MutableMapping[bytes, bytes]):
    """A table whose changes can be taken away for its changelog, or undone.

    Changes and outputs of one message travel in one window, so both are known to be durable before the
    message is acknowledged. After a crash the table may still be ahead of the outputs, never behind.
    """

    def __init__(self, store: State, changelog: Spot) -> None:
        self.store = store
        self.changelog = changelog
        self.end = -1
        """Last offset of the changelog that is known to be durable and in the store."""
        self._changed: list[Sendable] = []
        self._before: list[tuple[bytes, bytes | None]] = []

    def __getitem__(self, key: bytes) -> bytes:
        return self.store[key]

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._before.append((key, self.store.get(key)))
        self.store[key] = value
        self._changed.append((key, value, ()))

    def __delitem__(self, key: bytes) -> None:
        self._before.append((key, self.store[key]))
        del self.store[key]
        self._changed.append((key, None, ()))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.store)

    def __len__(self) -> int:
        return len(self.store)

    def __contains__(self, key: object) -> bool:
        return key in self.store

    @property
    def changes(self) -> Sequence[Sendable]:
        """The changes since the last `take`, oldest first."""
        return self._changed

    def take(self) -> list[Sendable]:
        """Return the changes since the last call, oldest first; from now on they cannot be undone."""
        taken, self._changed = self._changed, []
        self._before.clear()
        return taken

    def undo(self) -> None:
        """Put the table back to what it was at the last `take`: a step that failed changed nothing."""
        for key, before in reversed(self._before):
            if before is None:
                del self.store[key]
            else:
                self.store[key] = before
        self._before.clear()
        self._changed.clear()
