"""What became of each event: the worst of what became of the rows that it led to.

Events are taken some hundreds at a time, with all that was ever said of what they led to and with their dead
letters: memory does not grow with how many there are.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.view.closings import moment
from app.view.letters import Letter, told_by
from app.view.period import Period
from app.view.said import AT_ONCE, Saying, heard, said_of
from app.view.store import Store
from streams.domain.audit import Verdict


class Fate(StrEnum):
    """Where an event stands; of several rows the first that applies counts."""

    FAILED = "failed"
    """A dead letter that is open."""
    WAITING = "waiting"
    """For its Account, for a person, or behind a row that does."""
    UNDER_WAY = "under way"
    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """Salesforce held it already, or no row shows it."""
    NEEDLESS = "needless"
    """Something newer came first, or a person closed its dead letter."""


_WORST_FIRST: Final = tuple(Fate)
_ENDS: Final[Mapping[str, Fate]] = {
    Verdict.APPLIED.value: Fate.WRITTEN,
    Verdict.UNCHANGED.value: Fate.UNCHANGED,
    Verdict.SUPERSEDED.value: Fate.NEEDLESS,
    Verdict.IGNORED.value: Fate.NEEDLESS,
    Verdict.REJECTED.value: Fate.NEEDLESS,
    Verdict.ERASED.value: Fate.NEEDLESS,
}
_LED_ON: Final = frozenset({Verdict.FETCHED.value, Verdict.TRANSLATED.value})


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and what became of it."""

    at: datetime
    """When we heard of it; when it failed, where it failed before it was read."""
    object: str
    object_id: int
    source: str
    action: str
    fate: Fate


@dataclass(slots=True)
class _Said:
    """Who said what last of each message; what led on names what followed."""

    buried: dict[str, Fate] = field(default_factory=dict)
    """What the dead letter of a message says of it; of several, one that is open says most."""
    edited: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a person had sent in the place of messages: their fate is that one's."""
    fates: dict[str, Fate] = field(default_factory=dict)
    caused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    waived: set[str] = field(default_factory=set)
    """Those whose end is that a person discarded them."""
    heard: dict[str, Saying] = field(default_factory=dict)
    """What fetch said of each event: what it said of one that it could read, where it could."""
    first: dict[str, str] = field(default_factory=dict)
    """The id of the first word of each event."""

    def take(self, it: Saying) -> None:
        """Learn what a step said of a message, oldest first; of repeats the one that led on counts."""
        if it.of_an_event:
            self.first.setdefault(it.cause, it.id)
            if self.heard.setdefault(it.cause, it).verdict == Verdict.DEAD_LETTER.value:
                self.heard[it.cause] = it
        if it.verdict in _LED_ON:
            self.caused[it.cause] = it.caused
        elif it.verdict == Verdict.PARKED.value:
            self.waiting.add(it.cause)
            self._tried_again(it.cause)
        elif it.verdict == Verdict.DEAD_LETTER.value:
            self.waiting.discard(it.cause)
            self._tried_again(it.cause)
        elif it.verdict in _ENDS:
            self.fates[it.cause] = _ENDS[it.verdict]
            if it.waived:
                self.waived.add(it.cause)

    def take_letter(self, letter: Letter) -> None:
        """Learn that a message was buried, and what closed its letter."""
        cause, fate = letter.entry["cause"], _fate_of(letter)
        self.buried[cause] = min(fate, self.buried.get(cause, fate), key=_WORST_FIRST.index)
        if letter.closed and letter.closed.how == "edited":
            self.edited[cause] = letter.closed.led_to

    def _tried_again(self, message: str) -> None:
        """Forget the end of what a person had discarded; any other end is told once, and holds."""
        if message in self.waived:
            self.waived.discard(message)
            del self.fates[message]

    def followed(self, message: str) -> tuple[str, ...]:
        """Return what `message` led to: its fate is theirs."""
        return self.edited.get(message, self.caused.get(message, ()))

    def fate(self, message: str) -> Fate:
        """Return what became of `message` and all that followed from it."""
        if followed := self.followed(message):
            return min(map(self.fate, followed), key=_WORST_FIRST.index)
        buried = self.buried.get(message)
        if buried is Fate.FAILED and message not in self.caused:
            return buried
        if message in self.fates:
            return self.fates[message]
        if message in self.caused:
            return Fate.NEEDLESS  # it was read, and nothing followed
        if buried and not (buried is Fate.UNDER_WAY and message in self.waiting):
            return buried
        return Fate.WAITING if message in self.waiting else Fate.UNDER_WAY


async def fates(store: Store, connection: str, period: Period, at_once: int = AT_ONCE) -> AsyncIterator[Told]:
    """Yield the events of a connection that were heard of within `period`, with what became of them by now.

    Each event comes once and has one fate: so numbers of fates add up to the number of events.
    """
    async for events in heard(store, connection, period.since, at_once):
        said = _Said()
        await _follow(store, said, connection, period, {it.cause for it in events})
        ids = {it.id for it in events}
        its = (it for cause, it in said.heard.items() if said.first[cause] in ids)
        for told in (_told(it, said.fate(it.cause)) for it in its):
            if told.at in period:
                yield told


async def _follow(store: Store, said: _Said, connection: str, period: Period, messages: set[str]) -> None:
    """Learn all that was said since the period began of `messages`, and of all that followed from them."""
    asked = set[str]()
    while messages:
        buried: list[str] = []
        async for it in said_of(store, connection, period.since, messages):
            said.take(it)
            if it.verdict == Verdict.DEAD_LETTER.value:
                buried.append(it.id)
        for letter in await told_by(store, buried):
            said.take_letter(letter)
        asked |= messages
        messages = {it for message in messages for it in said.followed(message)} - asked


def _fate_of(letter: Letter) -> Fate:
    if letter.closed is None:
        return Fate.FAILED
    return Fate.UNDER_WAY if letter.closed.how == "retried" else Fate.NEEDLESS


def _told(said: Saying, fate: Fate) -> Told:
    received = said.details.get("received_at")
    return Told(
        at=datetime.fromisoformat(received) if isinstance(received, str) else moment(said.at),
        object=said.object or "",
        object_id=said.object_id or 0,
        source=str(said.details.get("source", "")),
        action=str(said.details.get("action", "")),
        fate=fate,
    )
