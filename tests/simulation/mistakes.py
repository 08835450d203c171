"""Mistakes that are easily made, each as a pipeline that makes it: the schedules must find every one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.domain.record import Record
from streams.loop.claims import Entry, Headers
from streams.loop.contract import Delivery, Spot, Stage
from streams.loop.handled import Handled
from streams.ports import Books, Rows, Settings, State
from streams.steps.deliver import Deliver
from streams.steps.flights import Word
from streams.steps.id_map import NOTHING, row_key
from streams.steps.translate import Translate
from streams.topology import stages
from tests.simulation.scene import MakeStages
from tests.simulation.worker import NoisyBroker


class TrustsEverybody(NoisyBroker):
    """Shows every record of a changelog as the present owner's; but a dead one's may come late."""

    def entries(self, changelog: Spot, first: int = 0, until: int | None = None) -> list[Entry]:
        highest: Headers = ()
        for entry in (shown := super().entries(changelog, 0, until)):
            highest = max(highest, entry.headers[:1])
            shown[entry.offset] = entry._replace(headers=highest + entry.headers[1:])
        return shown[first:]


class SuppressesEquals(Translate):
    """Takes an equal version for old news; but the table may know it while its commands were lost."""

    def __call__(self, record: Record) -> Iterator[Command | Record | AuditEntry]:
        before = dict(self.ledger)
        *commands, entry = Translate.__call__(self, record)
        if dict(self.ledger) != before:
            yield from commands
        yield entry


class TakesAllForSettled(Translate):
    """Takes a client for at rest without a look; but a mapping may have changed since."""

    def rests(self, _: bytes) -> bool:
        return True


class ForgetsBurials(Handled):
    """Takes what was buried for handled; but nothing of it is in the books."""

    def buried(self, _: Delivery) -> None:
        pass


class ForgetsTheFence(Deliver):
    """Sends a lower version after a higher one; but a repeat of the lower one may come late."""

    def __call__(self, command: Command, word: Word) -> Iterator[object]:  # type: ignore[override]
        yield from Deliver.__call__(self, command, word)
        known = self._map.of(row_key(command.row))
        if known is not NOTHING:
            self._map.put(row_key(command.row), known._replace(version=0))


class ReleasesOnce(Deliver):
    """Lets go of what waits, and forgets it at once; but what was let go may be lost on its way."""

    def __call__(self, command: Command, word: Word) -> Iterator[object]:  # type: ignore[override]
        yield from Deliver.__call__(self, command, word)
        lot = self._lots.lot(command.key)
        if lot is not None and lot.released_by == command.id:
            for key in [key for key in self.parked if key.startswith(command.key.encode())]:
                del self.parked[key]


def heedless(books: Books, rows: Rows, settings: Settings) -> Sequence[Stage]:
    """Let the rest of a client go on though one of its rows failed."""
    fetch, translate, deliver = stages(books, rows, settings)

    def make(id_map: State, parked: State) -> Deliver:
        return Deliver(rows, id_map, parked, lambda _: False)

    return fetch, translate, replace(deliver, make=make)


def suppressing(books: Books, rows: Rows, settings: Settings) -> Sequence[Stage]:
    fetch, translate, deliver = stages(books, rows, settings)

    def make(ledger: State, _: Deliver | None = None) -> SuppressesEquals:
        return SuppressesEquals(ledger, settings)

    return fetch, replace(translate, make=make), deliver


def settling(books: Books, rows: Rows, settings: Settings) -> Sequence[Stage]:
    fetch, translate, deliver = stages(books, rows, settings)

    def make(ledger: State, ahead: Deliver | None = None) -> TakesAllForSettled:
        return TakesAllForSettled(ledger, settings, ahead.rest if ahead else None)

    return fetch, replace(translate, make=make), deliver


def unfenced(books: Books, rows: Rows, settings: Settings) -> Sequence[Stage]:
    fetch, translate, deliver = stages(books, rows, settings)

    def make(id_map: State, parked: State) -> ForgetsTheFence:
        return ForgetsTheFence(rows, id_map, parked)

    return fetch, translate, replace(deliver, make=make)


def careless(books: Books, rows: Rows, settings: Settings) -> Sequence[Stage]:
    fetch, translate, deliver = stages(books, rows, settings)

    def make(id_map: State, parked: State) -> ReleasesOnce:
        return ReleasesOnce(rows, id_map, parked)

    return fetch, translate, replace(deliver, make=make)


MISTAKES: dict[MakeStages, int] = {suppressing: 0, settling: 1000, unfenced: 0, heedless: 3000}
"""From which seed on each is looked for: it is found soon after."""
