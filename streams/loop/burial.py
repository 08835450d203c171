"""What becomes of a message that cannot be handled: a dead letter, and a limit to how many there may be."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb
from typing import Final

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import Command
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Permanent
from streams.domain.event import Event
from streams.domain.identity import CONNECTION_PATTERN, ConnectionName, digest
from streams.domain.message import Value
from streams.domain.place import Place
from streams.domain.record import Record
from streams.domain.result import Outcome, Result
from streams.loop.contract import Delivery

_BUGS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Failures of the message and our code alone: the same bytes fail again, so dying would not help."""

_BUG: Final = "bug"
"""Code of our own mistakes: no two of them need be one, so it takes the reason to tell them apart."""

BURIABLE: Final = (Permanent, *_BUGS)
"""What is buried. All else (a socket, a disk) is the world's doing: the process ends and begins again."""


class TooManyBurials(Exception):
    """So many messages at a time cannot be wrong: we are. A person must look before the work goes on."""

    code = "too-many-burials"


@dataclass
class Burials:
    """Counts burials of a step; past the limit it refuses.

    What counts is a row or a message, not how often it fails: one client's troubles stop nobody.
    `run` in a row, or more than `ratio` of the last `span` messages, stop the worker before the message
    that tipped the scales is acknowledged: nothing behind it is touched.
    """

    run: int = 50
    ratio: float = 0.2
    span: int = 1000

    def __post_init__(self) -> None:
        self._row = 0
        self._seen: deque[str] = deque()
        """Of the last messages, oldest first, what was buried; empty for one that could be handled."""
        self._buried: set[str] = set()

    def passed(self) -> None:
        """Count a message that could be handled."""
        self._row = 0
        self._count("")

    def buried(self, step: Step, code: str, what: str) -> None:
        """Count a message that could not be handled, unless another of `what` has just been counted.

        A later state of a row that was refused is refused once more, most likely: an echo, no news of us.

        Raises:
            TooManyBurials: stop the worker, do not restart it; acknowledge nothing more.
        """
        if what in self._buried:
            return
        self._row += 1
        self._count(what)
        if self._row >= self.run:
            self._refuse(step, code, f"{self._row} messages in a row")
        if len(self._seen) == self.span and len(self._buried) > self.ratio * self.span:
            self._refuse(step, code, f"{len(self._buried)} of the last {self.span} messages")

    def _count(self, buried: str) -> None:
        if len(self._seen) == self.span:
            self._buried.discard(self._seen.popleft())
        self._seen.append(buried)
        if buried:
            self._buried.add(buried)

    @staticmethod
    def _refuse(step: Step, code: str, count: str) -> None:
        message = (
            f"{step.value} could not handle {count}, the last for the cause {code!r}: the worker stops"
            " instead of burying the stream. See `freshforce deadletters list`, mend the cause, start again"
        )
        raise TooManyBurials(message)


def bury(step: Step, delivery: Delivery, message: Value | None, error: BaseException) -> Iterator[Value]:
    """Yield the dead letter of `delivery` and its audit entry. `message` is None when it is unreadable."""
    place, connection = delivery.place, _connection(delivery, message)
    code, reason, mend = _cause(error)
    letter = DeadLetter(
        id=_id(step, place, message, reason if code == _BUG else code),
        connection=connection,
        step=step,
        place=place,
        original_key=delivery.key,
        original=delivery.value,
        code=code,
        reason=reason,
        mend=mend,
    )
    cause = getattr(message, "id", None) or _spelled(place)
    yield letter
    yield AuditEntry(
        id=audit_id(step, Verdict.DEAD_LETTER, letter.id),  # retried and buried again, it is told again
        connection=connection,
        client=getattr(message, "client", None),
        step=step,
        verdict=Verdict.DEAD_LETTER,
        cause=cause,
        caused=(letter.id,),
        object=getattr(message, "object", None),
        object_id=getattr(message, "object_id", None),
        rule=code,
        mapping=getattr(message, "mapping", ""),
        result=_result(message, code),
        details={"reason": reason, "mend": mend, "place": _spelled(place)},
    )


def name_of(delivery: Delivery, message: Value | None) -> str:
    """Return what failed: the row of a command, or the one message."""
    return message.row if isinstance(message, Command) else _spelled(delivery.place)


def code_of(error: BaseException) -> str:
    """Return the stable name of a buriable error, for grouping."""
    return error.code if isinstance(error, Permanent) else _BUG


def _id(step: Step, place: Place, message: Value | None, cause: str) -> str:
    """Return the id of a dead letter: an event or record that fails again for one cause is the same letter.

    Another cause makes another: what a person said of the first does not speak for it. A retry by hand has a
    demand (nonce) of its own, hence a letter of its own. A command is its place: each of its burials holds
    back its client, also when a person has seen to an earlier one.
    """
    match message:
        case Event() | Record():
            return digest("dead-letter", step.value, place.topic, message.id, message.nonce, cause)
        case _:
            return digest("dead-letter", step.value, place.topic, str(place.partition), str(place.offset))


def _cause(error: BaseException) -> tuple[str, str, str]:
    """Return code, reason and mend. Of a bug only type and place are told: its text may hold a payload."""
    if isinstance(error, Permanent):
        return error.code, str(error), error.mend
    where = extract_tb(error.__traceback__)[-1:]
    spot = "".join(f" in {frame.name} ({PurePath(frame.filename).name}:{frame.lineno})" for frame in where)
    return _BUG, f"{type(error).__name__}{spot}", "report it; after the upgrade retry the dead letter"


def _result(message: Value | None, code: str) -> Result | None:
    """Return what became of a command: the row that stays behind is named like any other's."""
    if not isinstance(message, Command):
        return None
    return Result(
        command=message.id,
        outcome=Outcome.DEAD_LETTER,
        sobject=message.sobject,
        external_id=message.external_id,
        version=message.version,
        code=code,
    )


def _connection(delivery: Delivery, message: Value | None) -> ConnectionName:
    if message is not None:
        return ConnectionName(getattr(message, "connection", ""))
    name = (delivery.key or b"").partition(b":")[0].decode(errors="replace")
    return ConnectionName(name if re.match(CONNECTION_PATTERN, name) else "")


def _spelled(place: Place) -> str:
    return f"{place.topic}/{place.partition}/{place.offset}"
