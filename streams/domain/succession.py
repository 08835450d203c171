"""Which records of a grant count: those that follow the one that counted before them.

The log is the judge. Two may write at the same moment, and one may wake from a freeze and write late; each
record names the record that it was made from, so exactly one of them counts, for every reader alike:

    A ── B (follows A) ── C (follows A: late, does not count) ── D (follows B)

No clock and no membership is asked. A late record must not be the only one that compaction leaves, so
whoever sees one writes the right one once more; a repeat changes nothing.
"""

from collections.abc import Mapping

from streams.domain.grant import Sealed


class Succession:
    """The heads of a grants topic, record by record in the order of the log."""

    def __init__(self) -> None:
        self._heads: dict[str, Sealed | None] = {}
        self._late: set[str] = set()

    def counts(self, key: str, record: Sealed | None) -> bool:
        """Tell whether the next record of `key` counts, and remember it if so; None removes the grant."""
        known = key in self._heads
        head = self._heads.get(key)
        if record is not None and known and not _succeeds(head, record):
            self._late.add(key)
            return False
        self._heads[key] = record
        self._late.discard(key)
        return True

    @property
    def mending(self) -> Mapping[str, Sealed | None]:
        """The right records of keys whose last record does not count: to be written once more."""
        return {key: self._heads[key] for key in sorted(self._late)}


def _succeeds(head: Sealed | None, record: Sealed) -> bool:
    """Tell whether `record` may stand after `head`, which is None after a removal."""
    if head is None:
        return not record.follows
    if not record.follows:  # a first one, or one of a release that did not say what it follows
        return record == head or record.generation > head.generation
    return record == head or record.follows == head.mark
