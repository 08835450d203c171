"""One partition of a table in this process, and how a new owner takes it over from the one before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from streams.loop.claims import Change, Logged, Overtaken, Sieve, claim, headers_of
from streams.loop.contract import Sendable, Sink, Spot
from streams.loop.journal import Journal
from streams.ports import State

Load = Callable[[Iterable[Change]], object]
"""Takes changes over into a store, in their order."""


class Holding:
    """A store, its journal, and the sieve through which its changelog comes."""

    def __init__(self, store: State, load: Load, changelog: Spot) -> None:
        self.store, self._load = store, load
        self.journal, self.sieve = Journal(store, changelog), Sieve()

    def take(self, records: Sequence[Logged]) -> None:
        """Take over the next records of the changelog, as far as they count."""
        self._load(self.sieve.sift(records))
        self.journal.end = max(self.journal.end, records[-1].offset)

    def late(self, records: Sequence[Logged]) -> None:
        """Take over what came after our claim, as far as it counts.

        None of it is ours, so it stays in our way: the next window finds it, and we begin anew.
        """
        end = self.journal.end
        self.take(records)
        if self.journal.epoch:
            self.journal.end = end

    def own(self, epoch: int, at: int) -> None:
        """Write with this epoch from now on, if the claim at offset `at` is the one that counts.

        Raises:
            Overtaken: another owner claimed at the same moment, and was first.
        """
        if (self.sieve.highest, self.sieve.since) != (epoch, at):
            message = f"{self.journal.changelog}: epoch {epoch} belongs to another worker"
            raise Overtaken(message)
        self.journal.epoch = epoch

    def mending(self) -> list[Sendable]:
        """Return the right values of keys whose last record does not count.

        Written once more, they stand behind it: compaction, which keeps the last one, keeps these.
        """
        headers = headers_of(self.journal.epoch)
        return [(key, self.store.get(key), headers) for key in sorted(self.sieve.stale)]


class Log(Protocol):
    """The changelog of some holdings, as a new owner reads it."""

    async def ends(self) -> Mapping[Spot, int]:
        """Return where each partition ends now."""
        ...

    async def read(self, until: Mapping[Spot, int], /) -> None:
        """Let the holdings take over what stands before `until`, and perhaps more."""
        ...


async def take_over(holdings: Sequence[Holding], log: Log, sink: Sink, generation: int) -> None:
    """Load the holdings and own them: return when no other's record can count any more.

    `generation` is the consumer group's: it rises with each assignment, so of two owners the later one
    mostly has the higher epoch without having seen the other's. But it begins anew when the group is lost,
    so an epoch is also higher than what the changelog shows.

    A worker may freeze anywhere in here, and wake when another one owns the partition. Before its claim is
    written, it has changed nothing. A claim that then lands behind the other's with no higher epoch does
    not count, and it sees that. One that is higher (it woke early enough to read the other's claim) takes
    the partition from its rightful owner; that one finds the claim among its own records before it
    acknowledges another message (`Journal.settled`), and begins anew. What it acknowledged before stands
    before the claim, so it has been loaded. Nothing is lost, whoever owns the partition.

    Raises:
        Overtaken: another owner came in between; begin anew.
    """
    await log.read(await log.ends())
    epochs = {it.journal.changelog: max(generation, it.sieve.highest + 1) for it in holdings}
    at = await (await sink.post({spot: [claim(epoch)] for spot, epoch in epochs.items()}))
    await log.read({spot: offset + 1 for spot, offset in at.items()})
    for it in holdings:
        it.own(epochs[it.journal.changelog], at[it.journal.changelog])
    await _mend({it.journal.changelog: it for it in holdings if it.sieve.stale}, sink)


async def _mend(holdings: Mapping[Spot, Holding], sink: Sink) -> None:
    if not holdings:
        return
    records = {spot: it.mending() for spot, it in holdings.items()}
    ends = await (await sink.post(records))
    for spot, it in holdings.items():
        it.journal.settled(ends[spot], len(records[spot]))
        it.sieve.stale.clear()
