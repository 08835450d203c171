"""Dresses the rows of one org for their way: what is written of each depends on what is there.

Only rows that need it are looked at: new ones, and Opportunities whose stage is to change. What was delivered
is remembered, so that a row which changes otherwise costs no look; what is looked at is looked at for the
rows behind it, too.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.salesforce.answers.refusals import Refusal
from app.salesforce.api.client import Client
from app.salesforce.care.currency import held_by_lines, make_way
from app.salesforce.care.opportunity import COLUMNS, HAS_LINES, there_of, unpriced
from app.salesforce.care.people import IS_PERSON, OWN_CONTACT, account_of, itself, kind_of, suited
from app.salesforce.care.person import There, care
from app.salesforce.care.stages import Resolved, Stages, org_stages
from app.salesforce.reads.looking import look
from app.salesforce.rows.row import NEVER, Row, Worn
from app.salesforce.shape.describe import Shape
from streams.domain.command import STAGE, Field, SObject, Stage
from streams.domain.connection import Stages as Names
from streams.ports import Applied

FRESH: Final = 30.0
"""Seconds for which a look holds: a person may change the row meanwhile."""
STAGES_KEPT: Final = 3600.0
"""Seconds after which the org's stages are read again."""

_Key = tuple[SObject, str]
_Kept = tuple[str, str]
"""The stage that was wanted, and the one that we believe is ours in the row."""


@dataclass(slots=True)
class Carer:
    """What is known of one org's rows, as far as writing them needs it."""

    client: Client
    size: int = 50_000
    _known: OrderedDict[_Key, _Kept] = field(default_factory=OrderedDict)
    _looked: dict[_Key, tuple[float, Mapping[str, Any] | None]] = field(default_factory=dict)
    _own_contacts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """By an Account's external id: the Contact that a person account is itself, or nothing."""
    _stages: tuple[float, Stages] | None = None
    _one_looks: asyncio.Lock = field(default_factory=asyncio.Lock)

    def forget(self) -> None:
        """Trust nothing that was delivered: rows may have been another worker's meanwhile."""
        self._known.clear()
        self._own_contacts.clear()

    def forget_account(self, external_id: str) -> None:
        """Trust nothing that was seen of a client's Account: it has another one now."""
        key = (SObject.ACCOUNT, external_id)
        self._known.pop(key, None)
        self._looked.pop(key, None)
        self._own_contacts.pop(external_id, None)

    def forget_stages(self) -> None:
        """Read the org's stages anew before their next use."""
        self._stages = None

    async def dress(self, rows: Sequence[Row], shape: Shape, ahead: Callable[[], Iterable[Row]]) -> None:
        """Put on each row what is to be written of it; those `ahead` are looked at besides, if any is.

        They are asked for only then: there may be many.

        Raises:
            NoSuchStage: the org has no stage for a sale.
            Misconfigured, Unreachable, RateLimited: the org could not be looked at.
        """
        await self._leave_to_persons(rows, shape)
        await make_way(self.client, rows)
        persons = shape.sobject == SObject.ACCOUNT and IS_PERSON in shape.columns
        cared = [row for row in rows if row.worn is None and (persons or _matters(row))]
        if not cared:
            return
        staged = any(type(row.fields.get(STAGE)) is Stage for row in cared)
        stages = await self.stages() if staged else Stages()
        unknown = [row for row in cared if self._unknown(row)]
        if unknown:
            await self._look(unknown, shape, ahead)
        for row in cared:
            row.worn = self._worn(row, shape, stages)

    async def stages(self) -> Stages:
        """Return the org's stages, read once an hour."""
        now = asyncio.get_running_loop().time()
        if self._stages is None or now - self._stages[0] > STAGES_KEPT:
            self._stages = now, await org_stages(self.client)
        return self._stages[1]

    def delivered(self, row: Row, applied: Applied) -> bool:
        """Remember what Salesforce took; False when the row has to go once more.

        That is when it was made although we took it for there: somebody had deleted it, and it lacks what
        only new rows get. A look tells whether it was: results may be out of order.
        """
        worn = row.worn
        if worn is None or worn.stands_for:
            return True
        if applied.created and not worn.new:
            self._known.pop(_key(row), None)
            self._looked.pop(_key(row), None)
            row.anew = applied.salesforce_id
            return False
        if row.command.sobject is SObject.ACCOUNT and not worn.by_memory:
            self._own_contacts.pop(row.command.external_id, None)
        self._remember(_key(row), worn)
        return True

    def outdated(self, row: Row, refusal: Refusal) -> bool:
        """Tell whether a row was refused for what we thought we knew; then it goes once more.

        That is a row which was sent without what only new ones need, because it was there (somebody has
        deleted it), a stage that the org no longer has, an Account that is a person against what we knew, and
        an Opportunity whose lines are in another currency.
        """
        worn, first = row.worn, refusal.code not in row.retried
        match refusal.code:
            case "REQUIRED_FIELD_MISSING" if worn:
                return worn.by_memory and self._known.pop(_key(row), None) is not None
            case "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" if worn:
                return STAGE in worn.fields and first
            case "INVALID_FIELD_FOR_INSERT_UPDATE" if worn and _guessed(row, worn):
                self._looked.pop(
                    _key(row), None
                )  # the client has another Account by now, or the row is there
                return (self._known.pop(_key(row), None) is not None or worn.new) and first
            case "FIELD_INTEGRITY_EXCEPTION" if first and held_by_lines(row, refusal):
                return True
            case "FIELD_INTEGRITY_EXCEPTION" if first and (account := account_of(row)):
                return self._own_contacts.pop(account.external_id, None) is not None
            case _:
                return False

    async def _leave_to_persons(self, rows: Sequence[Row], shape: Shape) -> None:
        """Put nothing on Contacts whose Account is a person: that has its own."""
        if shape.sobject != SObject.CONTACT or IS_PERSON not in shape.columns:
            return
        hang = [(row, account) for row in rows if (account := account_of(row))]
        unknown = [it for _, it in hang if it.external_id not in self._own_contacts]
        if unknown:
            key, ids = unknown[0].external_id_field, [it.external_id for it in unknown]
            _, found = await look(self.client, SObject.ACCOUNT, key, (IS_PERSON, OWN_CONTACT), ids)
            own = {each: it.get(OWN_CONTACT) if it.get(IS_PERSON) else "" for each, it in found.items()}
            self._own_contacts |= {each: contact or "" for each, contact in own.items()}
        for row, it in hang:
            if contact := self._own_contacts.get(it.external_id):
                row.worn = itself(contact)
        while len(self._own_contacts) > self.size:
            self._own_contacts.popitem(last=False)

    def _unknown(self, row: Row) -> bool:
        """Tell whether the row has to be looked at before it is written.

        One that is demanded may have been written by another worker since.
        """
        known = self._known.get(_key(row))
        stage = row.fields.get(STAGE)
        if known is None or type(stage) is not Stage:
            return known is None
        return row.demanded > NEVER or known[0] != _wanted(stage)

    def _looked_at(self, row: Row) -> bool:
        """Tell whether a look at the row holds: one from before it was demanded does not."""
        looked = self._looked.get(_key(row))
        return looked is not None and looked[0] > row.demanded

    async def _look(self, rows: Sequence[Row], shape: Shape, ahead: Callable[[], Iterable[Row]]) -> None:
        async with self._one_looks:
            now, (sobject, key_field) = asyncio.get_running_loop().time(), rows[0].shelf
            self._looked = {key: it for key, it in self._looked.items() if now - it[0] <= FRESH}
            needed = [row.command.external_id for row in rows if not self._looked_at(row)]
            if not needed:
                return
            columns = ["Id", *(name for name in COLUMNS.get(sobject, ()) if name in shape.columns)]
            new = (row for row in ahead() if not self._looked_at(row) and self._unknown(row))
            perhaps = (row.command.external_id for row in new)
            asked, found = await look(self.client, sobject.value, key_field, columns, needed, perhaps=perhaps)
            self._looked |= {(sobject, each): (now, found.get(each)) for each in asked}

    def _worn(self, row: Row, shape: Shape, stages: Stages) -> Worn:
        stage, known = row.fields.get(STAGE), self._known.get(_key(row))
        if known is not None and not self._unknown(row):
            rest = {name: value for name, value in row.fields.items() if name != STAGE}
            return suited(Worn(rest, keeps=known, by_memory=True), known[0])
        self._known.pop(_key(row), None)  # what becomes of it is not known until it is answered
        seen = _before(row, self._looked.pop(_key(row), (0.0, None))[1])
        if type(stage) is not Stage:
            kind, new = kind_of(row, seen, shape), seen is None
            return suited(Worn(row.fields, keeps=(kind, ""), new=new, first=_first(row, new=new)), kind)
        ours = known[1] if known else ""
        there = None if seen is None else there_of(seen, shape, stages, ours, self._names())
        worn = _dressed(row, stages.resolved(stage), there)
        return unpriced(worn, shape) if seen and seen.get(HAS_LINES) is True else worn

    def _names(self) -> Names:
        try:
            return self.client.settings[self.client.connection].stages
        except KeyError:  # the connection was removed: its last rows are on their way
            return Names()

    def _remember(self, key: _Key, worn: Worn) -> None:
        self._known[key] = worn.keeps
        self._known.move_to_end(key)
        if len(self._known) > self.size:
            self._known.popitem(last=False)


def _before(row: Row, seen: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what was there of a row before us: nothing of one that our last write made.

    Its id says so. With another one the result was another row's, out of order, and this one was there.
    """
    return None if seen and row.anew and str(seen.get("Id"))[:15] == row.anew[:15] else seen


def _dressed(row: Row, wanted: Resolved, there: There | None) -> Worn:
    cared, stage = care(wanted, there), row.fields[STAGE]
    fields = {name: value for name, value in row.fields.items() if name != STAGE}
    notes = tuple(note for note in (wanted.note if STAGE in cared.fields else "", cared.note) if note)
    ours = cared.fields.get(STAGE) or (wanted.name if there and there.stage == wanted.name else "")
    assert type(stage) is Stage
    keeps, new = (_wanted(stage), ours or ""), there is None
    return Worn({**fields, **cared.fields}, notes, keeps, new=new, first=_first(row, new=new))


def _first(row: Row, *, new: bool) -> Mapping[str, Field]:
    """Return what only a new row gets."""
    fields = row.fields
    return {name: it for name, it in row.command.defaults.items() if name not in fields} if new else {}


def _guessed(row: Row, worn: Worn) -> bool:
    """Tell whether what may be written of a row hung on what we knew of it."""
    return bool(worn.first) or row.command.sobject is SObject.ACCOUNT


def _matters(row: Row) -> bool:
    """Tell whether what is written of a row depends on what is there, though it can be no person."""
    return bool(row.command.defaults) or type(row.fields.get(STAGE)) is Stage


def _key(row: Row) -> _Key:
    return row.command.sobject, row.command.external_id


def _wanted(stage: Stage) -> str:
    return f"{stage.phase} {stage.name}"
