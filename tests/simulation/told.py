"""What came to pass in a history besides its end: whether a seed that is picked for a story tells it."""

from collections.abc import Iterator
from typing import NamedTuple

from streams.codec import decode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command, SObject
from streams.steps.ends import BEHIND_FAILED
from streams.topics import AUDIT, COMMANDS
from tests.fakes.broker import Broker


class Said(NamedTuple):
    """What deliver said of a command: when among all that it said, and why."""

    at: int
    verdict: Verdict
    code: str


class History:
    """All commands of a log, each with all that was said of it. What tells of one client is in order."""

    def __init__(self, broker: Broker) -> None:
        read = [decode(Command, value) for _, value, _ in broker.topic(COMMANDS.name)]
        self.commands = list({command.id: command for command in read}.values())
        self._said: dict[str, list[Said]] = {command.id: [] for command in self.commands}
        for at, (_, value, _) in enumerate(broker.topic(AUDIT.name)):
            entry = decode(AuditEntry, value)
            if entry.step is Step.DELIVER and entry.cause in self._said:
                code = entry.result.code if entry.result else ""
                self._said[entry.cause].append(Said(at, entry.verdict, code))

    def overtaken_by_what_was_read_earlier(self) -> Iterator[Command]:
        """Yield the Orders that waited behind a failed row until one read before took their place."""
        for it in self._of(SObject.ORDER):
            waited = self._first(it, Verdict.PARKED, BEHIND_FAILED)
            if waited and self._first(it, Verdict.SUPERSEDED, after=waited):
                yield from (it for newer in self._newer(it) if newer.read_at < it.read_at)

    def waited_longer_than_their_opportunity(self) -> Iterator[Command]:
        """Yield the Orders that waited first, and whose Opportunity waited, too, when they were let go."""
        for it in self._of(SObject.ORDER):
            waited, went = self._first(it, Verdict.PARKED), self._first(it, Verdict.RELEASED)
            for sale in self._of(SObject.OPPORTUNITY):
                if (sale.key, sale.external_id) == (it.key, it.external_id) and waited and went:
                    joined = self._first(sale, Verdict.PARKED, after=waited)
                    if joined and joined.at < went.at and self._first(sale, Verdict.RELEASED, after=joined):
                        yield it

    def demands_that_a_newer_state_took_over(self) -> Iterator[Command]:
        """Yield the commands that demanded to be sent, and were not: a newer one, without demand, was."""
        for it in self.commands:
            newer = [each for each in self._newer(it) if not each.nonce]
            if it.nonce and newer and self._first(it, Verdict.SUPERSEDED):
                yield it

    def demands_that_were_refused_and_overtaken(self) -> Iterator[Command]:
        """Yield the demanded dead letters that something newer made needless until they were retried."""
        return (it for it in self._refused_and_superseded() if it.nonce)

    def retried_when_their_invoice_was_away(self) -> Iterator[Command]:
        """Yield the dead letters whose invoice went to another client before they were retried."""
        for it in self._refused_and_superseded():
            refused = self._first(it, Verdict.DEAD_LETTER)
            sale = [each for each in self.commands if each.yields and it.row in each.rows]
            if any(self._first(went, Verdict.SUPERSEDED, after=refused) for went in sale):
                yield it

    def words_told_twice(self) -> Iterator[Command]:
        """Yield the words that an invoice went to another client that were told of another reading before."""
        told = set[tuple[str, str]]()
        for it in (each for each in self.commands if each.yields):
            if (it.row, it.content) in told:
                yield it
            told.add((it.row, it.content))

    def _refused_and_superseded(self) -> Iterator[Command]:
        for it in self.commands:
            refused = self._first(it, Verdict.DEAD_LETTER)
            if refused and not it.yields and self._first(it, Verdict.SUPERSEDED, after=refused):
                yield it

    def _of(self, sobject: SObject) -> Iterator[Command]:
        return (it for it in self.commands if it.sobject is sobject)

    def _newer(self, than: Command) -> Iterator[Command]:
        return (it for it in self.commands if it.row == than.row and it.version > than.version)

    def _first(self, it: Command, verdict: Verdict, code: str = "", after: Said | None = None) -> Said | None:
        """Return when this was first said of a command, with this code if any, after something else."""
        for said in self._said[it.id]:
            if said.verdict is verdict and code in {"", said.code} and (after is None or said.at > after.at):
                return said
        return None
