"""Send one batch and find out what became of each row; a poison row is found by halving."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.salesforce.answers.meanings import SETUP, Meaning
from app.salesforce.answers.refusals import Refusal, of_batch, of_error
from app.salesforce.answers.results import Outcome, results
from app.salesforce.found.finder import NO_FIELD, Finder
from app.salesforce.found.presence import UNSEEN
from app.salesforce.lanes.encoding import Batch, batch
from app.salesforce.lanes.org import JUST, Org
from app.salesforce.rows.row import NEVER, Row, Shelf, parent_of
from app.salesforce.shape.describe import Shape
from app.salesforce.wire.wire import Reply
from streams.domain.errors import FreshforceError, Permanent
from streams.domain.identity import SalesforceId
from streams.ports import Applied

_ONE_ROWS_FAULT: Final = frozenset({Meaning.PERMANENT, Meaning.DEPENDENCY, Meaning.ONCE, Meaning.SCHEMA})
"""Refusals of a whole request that a single row of it may have caused."""


@dataclass(slots=True)
class Sending:
    """One batch on its way to one shelf of an org."""

    org: Org
    shelf: Shelf
    ahead: Callable[[], Iterable[Row]] = tuple
    """Rows of the shelf that wait for their turn."""
    slowest: float = 0.0
    """Seconds of the longest call so far."""
    called: bool = True
    """Whether the org was asked at all: it is not, where it is known to have no such rows."""
    _used: Shape | None = None
    """What the rows of the last request were fitted to."""
    _left: float = NEVER
    """When that request left: a look since then was made by another lane, perhaps, and serves us as well."""

    async def send(self, rows: Sequence[Row]) -> list[Outcome]:
        """Upsert `rows` in as few calls as Salesforce allows; return their outcomes in the same order.

        A request refused for one row's fault is halved until the row stands alone: for 200 rows that
        is at most 15 calls more. Nothing is raised: what failed as a whole is a refusal of every row.
        """
        for row in rows:
            row.worn = None
        outcomes = await self._try(rows)
        if _meaning(outcomes) is Meaning.SCHEMA:
            outcomes = await self._as_described_anew(rows, outcomes)
        return await self._halved(rows, outcomes)

    async def _as_described_anew(self, rows: Sequence[Row], refused: list[Outcome]) -> list[Outcome]:
        """Send `rows` as the org's fields are now; nothing is sent where they are as we knew them."""
        try:
            if await self._since(self.org.written_on(self.shelf)) == self._used:
                return refused
        except FreshforceError as error:
            return [of_error(error)] * len(rows)
        return await self._try(rows)

    async def _halved(self, rows: Sequence[Row], outcomes: list[Outcome]) -> list[Outcome]:
        if not _refused_for_one(outcomes):
            return outcomes
        if len(rows) == 1:
            return [replace(outcome, whole=False) for outcome in outcomes if isinstance(outcome, Refusal)]
        half = len(rows) // 2
        tried = await self._try(rows[:half])
        found = await self._halved(rows[:half], tried)
        if trouble := _trouble(found):
            return found + [trouble] * (len(rows) - half)
        in_the_rest = not _refused_for_one(tried) and len(rows) - half > 1
        rest = outcomes[half:] if in_the_rest else await self._try(rows[half:])
        return found + await self._halved(rows[half:], rest)

    async def _try(self, rows: Sequence[Row]) -> list[Outcome]:
        """Send `rows` in one call."""
        try:
            return await self._call(rows)
        except FreshforceError as error:
            return [of_error(error)] * len(rows)

    async def _call(self, rows: Sequence[Row]) -> list[Outcome]:
        sobject, key_field = self.shelf
        if finder := self.org.finder(self.shelf):
            return await self._found(rows, finder)
        shape = await self.org.shape(sobject.value)
        if key_field not in shape.keys:
            self.org.forget_shape(sobject.value)
            return [_no_key(sobject.value, key_field)] * len(rows)
        await self._dress(rows, shape)
        return await _with_known(_kept(rows), rows, lambda sent: self._sent(sent, shape))

    async def _sent(self, rows: Sequence[Row], shape: Shape) -> list[Outcome]:
        sobject, key_field = self.shelf
        request = batch(rows, key_field, shape, self.org.purse())
        misfits = [rows[at] for at in request.misfits]
        if misfits and (anew := await self._fresh(misfits, shape)) is not shape:
            for row in misfits:
                row.worn = None
            await self._dress(rows, anew)
            request = batch(rows, key_field, anew, self.org.purse())
        self.org.say_missing(sobject.value, request.missing)
        return await _with_known(request.misfits, rows, lambda sent: self._outcomes(sent, request))

    async def _dress(self, rows: Sequence[Row], shape: Shape) -> None:
        try:
            await self.org.carer.dress([row for row in rows if row.worn is None], shape, self.ahead)
        except Permanent:
            self.org.forget_shape(shape.sobject)  # what was asked for may be there no longer
            raise

    async def _found(self, rows: Sequence[Row], finder: Finder) -> list[Outcome]:
        """Write on rows that are found; those that are not are nobody's fault."""
        left = _now()
        demanded = max(row.demanded for row in rows)
        if not await finder.there(self.shelf[1], demanded):
            self.called = False
            return [finder.none] * len(rows)
        shape = await self.org.shape(finder.written_on.value)
        if finder.fields(rows) - shape.slots.keys():  # who demands may have had `setup` add them since
            shape = await self.org.shape(shape.sobject, since=demanded)
        outcomes = await self._fitting(rows, finder, shape)
        self.slowest = max(self.slowest, _now() - left)
        return outcomes

    async def _fitting(self, rows: Sequence[Row], finder: Finder, shape: Shape) -> list[Outcome]:
        """Write on what is found; what has no room by an old look at the org goes once more, by a new one."""
        outcomes = await self._seen(rows, finder, shape)
        misfits = [at for at, it in enumerate(outcomes) if isinstance(it, Refusal) and it.unsent]
        if not misfits:
            return outcomes
        again = [rows[at] for at in misfits]
        try:
            if (anew := await self._fresh(again, shape)) is shape:
                return outcomes
            told = await self._seen(again, finder, anew)
        except FreshforceError as error:  # the others are written
            told = [of_error(error)] * len(again)
        for at, outcome in zip(misfits, told, strict=True):
            outcomes[at] = outcome
        return outcomes

    async def _fresh(self, rows: Sequence[Row], shape: Shape) -> Shape:
        """Return the object as it is now: no row is refused by an old look, or one from before its demand."""
        demanded = max(row.demanded for row in rows)
        return await self.org.shape(shape.sobject, since=max(demanded, _now() - JUST))

    async def _seen(self, rows: Sequence[Row], finder: Finder, shape: Shape) -> list[Outcome]:
        """Write on what the org shows of what we look for: where it lacks a field, with a new look at it."""
        try:
            return await self._on_found(rows, finder, shape)
        except FreshforceError as error:
            if error.code not in UNSEEN:
                raise
            if error.code == "INVALID_FIELD" and shape != (anew := await self._since(shape.sobject)):
                return await self._on_found(rows, finder, anew)
            if (none := finder.unseen(self.shelf[1])) is None:
                raise
            return [none] * len(rows)

    async def _since(self, sobject: str) -> Shape:
        """Return the object as it is after the last request left."""
        return await self.org.shape(sobject, since=self._left)

    def _leaves(self, shape: Shape) -> None:
        self._used, self._left = shape, _now()

    async def _on_found(self, rows: Sequence[Row], finder: Finder, shape: Shape) -> list[Outcome]:
        fields = finder.fields(rows)
        self.org.say_missing(shape.sobject, fields - shape.slots.keys())
        if fields and not fields & shape.slots.keys():
            return [NO_FIELD] * len(rows)
        self.org.client.meter.carried(self.org.name, self.shelf[0].value, len(rows))
        self._leaves(shape)
        outcomes = await finder.write(rows, shape, self.org.purse())
        return await self.org.rights.judged(outcomes, shape.sobject, self._left)

    async def _outcomes(self, rows: Sequence[Row], request: Batch) -> list[Outcome]:
        sobject = self.shelf[0].value
        self.org.client.meter.carried(self.org.name, sobject, len(rows))
        self._leaves(request.shape)
        reply = await self._timed(request.body)
        if not reply.ok:
            return [self._refused(of_batch(reply))] * len(rows)
        asked = [(row.command.external_id, parent_of(row)) for row in rows]
        read = results(reply, request.shape, asked, self.org.known)
        outcomes = await self.org.rights.judged(read, sobject, self._left)
        if not any(request.notes):
            return outcomes
        return [_noted(outcome, notes) for outcome, notes in zip(outcomes, request.notes, strict=True)]

    async def _timed(self, body: bytes) -> Reply:
        try:
            return await self.org.client.upsert(self.shelf[0].value, self.shelf[1], body)
        finally:
            self.slowest = max(self.slowest, _now() - self._left)

    def _refused(self, refusal: Refusal) -> Refusal:
        if refusal.meaning is Meaning.CONFIGURATION:
            self.org.forget_shape(self.shelf[0].value)  # a person's mend may be a new field or permission
        return refusal


def _trouble(found: Sequence[Outcome]) -> Refusal | None:
    """Return what befell the org itself while its rows were halved: then the rest waits, uncalled."""
    return next((each for each in found if isinstance(each, Refusal) and each.whole), None)


def _refused_for_one(outcomes: Sequence[Outcome]) -> bool:
    return _meaning(outcomes) in _ONE_ROWS_FAULT


def _meaning(outcomes: Sequence[Outcome]) -> Meaning | None:
    """Return why the request as a whole was refused, if it was; rows that were never sent have their own."""
    refusal = _trouble(outcomes)
    return refusal.meaning if refusal else None


async def _with_known(
    known: Mapping[int, Outcome],
    rows: Sequence[Row],
    send: Callable[[Sequence[Row]], Awaitable[list[Outcome]]],
) -> list[Outcome]:
    """Send `rows` but those whose outcome, by place, is `known`; return the outcomes of all."""
    if not known:
        return await send(rows)
    sent = [row for at, row in enumerate(rows) if at not in known]
    told = iter(await send(sent) if sent else ())
    return [known.get(at) or next(told) for at in range(len(rows))]


def _kept(rows: Sequence[Row]) -> dict[int, Outcome]:
    """Return the outcomes, by place, of rows that the org keeps itself."""
    return {
        at: Applied(SalesforceId(row.worn.stands_for), created=False, notes=row.worn.notes)
        for at, row in enumerate(rows)
        if row.worn and row.worn.stands_for
    }


def _noted(outcome: Outcome, notes: tuple[str, ...]) -> Outcome:
    return replace(outcome, notes=notes) if notes and isinstance(outcome, Applied) else outcome


def _no_key(sobject: str, key_field: str) -> Refusal:
    reason = f"{sobject}.{key_field} is no external id field of the org, or hidden from us"
    return Refusal(Meaning.CONFIGURATION, "no-external-id-field", reason, SETUP, (key_field,), whole=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
