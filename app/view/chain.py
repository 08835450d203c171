"""The hash chain over the audit topic: each link covers an entry and everything before it in its partition.

The view keeps it by itself, from offsets alone, so that no writer has to know of another. Whoever changes,
removes or inserts an entry afterwards changes every later link (the linked time-stamping of Haber and
Stornetta, 1991).
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

EVERY: Final = 256
"""A link is kept for good at the end of so many offsets: a difference is narrowed down to as many entries."""
_SIZE: Final = 32


class Record(Protocol):
    """What a link covers of a Kafka record."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""
        ...

    @property
    def timestamp(self) -> int:
        """Its time, milliseconds since 1970."""
        ...

    @property
    def key(self) -> bytes | None:
        """Whose entry it is."""
        ...

    @property
    def value(self) -> bytes | None:
        """The entry."""
        ...


class Link(NamedTuple):
    """The chain of one partition up to an offset, that one included."""

    offset: int
    digest: bytes


def beginning(partition: int) -> Link:
    """Return the link before the first entry of a partition."""
    return Link(-1, blake2b(b"freshforce.audit %d" % partition, digest_size=_SIZE).digest())


def linked(before: Link, record: Record) -> Link:
    """Return the next link. Parts are hashed with their lengths: what one loses, another cannot gain."""
    key, value = record.key or b"", record.value or b""
    place = b"%d %d %d %d " % (record.offset, record.timestamp, len(key), len(value))
    digest = blake2b(before.digest + place, digest_size=_SIZE)
    digest.update(key)
    digest.update(value)
    return Link(record.offset, digest.digest())


def links(before: Link, records: Iterable[Record]) -> Iterator[Link]:
    """Yield the link of each record, in their order."""
    for record in records:
        before = linked(before, record)
        yield before


def stays(link: Link) -> bool:
    """Tell whether a link is kept for good, and not just until the next one."""
    return link.offset % EVERY == EVERY - 1
