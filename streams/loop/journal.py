"""A step's table for one partition, which remembers what changed: the changes leave with the outputs."""

from collections.abc import Iterator, MutableMapping, Sequence

from streams.loop.claims import Headers, Overtaken, headers_of
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
        self._epoch = 0
        self._headers: Headers = ()
        self._changed: list[Sendable] = []
        self._before: list[tuple[bytes, bytes | None]] = []

    @property
    def epoch(self) -> int:
        """Our epoch as the owner of this partition (streams.loop.claims); 0 before we claimed it."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch, self._headers = epoch, headers_of(epoch)

    def __getitem__(self, key: bytes) -> bytes:
        return self.store[key]

    def __setitem__(self, key: bytes, value: bytes) -> None:
        before = self.store.get(key)
        self.store[key] = value  # a table may refuse it: then there is nothing to undo
        self._before.append((key, before))
        self._changed.append((key, value, self._headers))

    def __delitem__(self, key: bytes) -> None:
        self._before.append((key, self.store[key]))
        del self.store[key]
        self._changed.append((key, None, self._headers))

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

    def settled(self, end: int, count: int) -> None:
        """Note that our next `count` changes are durable, the last of them at offset `end`.

        Raises:
            Overtaken: others' records stand between ours. A late one of the owner before us must not be the
                last of its key when the changelog is compacted; or there is a new owner. Acknowledge
                nothing more: what we just wrote may not count.
        """
        if self._epoch and end != self.end + count:
            message = f"{self.changelog}: {end - self.end - count} records of others up to offset {end}"
            raise Overtaken(message)
        self.end = end

    def undo(self) -> None:
        """Put the table back to what it was at the last `take`: a step that failed changed nothing."""
        for key, before in reversed(self._before):
            if before is None:
                del self.store[key]
            else:
                self.store[key] = before
        self._before.clear()
        self._changed.clear()
